// How many controls of each layer are held. The same numbers stand in a table beside the picture for those who do not see it.
import type { Matrix } from "@holdfast/server/api";
import { Bar, BarChart, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { tooltipStyle } from "../../ui/tooltip-style.ts";

const CHART_HEIGHT_PX = 220;

export function ScoreChart({ matrix }: { readonly matrix: Matrix }) {
  const data = matrix.layers.map((layer, index) => {
    const score = matrix.scores[index];
    return {
      layer,
      held: score?.held ?? 0,
      broken: score?.broken ?? 0,
      unproven: score?.unproven ?? 0,
      excepted: score?.excepted ?? 0,
    };
  });
  return (
    <figure className="chart">
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
          <BarChart data={data} accessibilityLayer={false} margin={{ left: -16, right: 8, top: 8, bottom: 0 }}>
            <XAxis dataKey="layer" stroke="currentColor" fontSize={12} />
            <YAxis allowDecimals={false} stroke="currentColor" fontSize={12} />
            <Tooltip cursor={{ fill: "transparent" }} contentStyle={tooltipStyle} />
            <Legend />
            <Bar dataKey="held" stackId="status" fill="var(--held)" isAnimationActive={false} />
            <Bar dataKey="broken" stackId="status" fill="var(--broken)" isAnimationActive={false} />
            <Bar dataKey="excepted" stackId="status" fill="var(--excepted)" isAnimationActive={false} />
            <Bar dataKey="unproven" stackId="status" fill="var(--unproven-fill)" isAnimationActive={false} />
          </BarChart>
        </ResponsiveContainer>
      </div>
      <figcaption>
        <details>
          <summary>The same as a table</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">Layer</th>
                <th scope="col">Held</th>
                <th scope="col">Broken</th>
                <th scope="col">Excepted</th>
                <th scope="col">Unproven</th>
              </tr>
            </thead>
            <tbody>
              {data.map((row) => (
                <tr key={row.layer}>
                  <th scope="row">{row.layer}</th>
                  <td>{row.held}</td>
                  <td>{row.broken}</td>
                  <td>{row.excepted}</td>
                  <td>{row.unproven}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </figcaption>
    </figure>
  );
}
