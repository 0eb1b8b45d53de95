// The load of the database over time. The same numbers stand in a table beside the picture for those who do not see it.
import type { LoadPoint } from "@holdfast/server/api";
import { Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { Clock } from "../../ui/moment.tsx";
import { ScrollArea } from "../../ui/scroll-area.tsx";

const CHART_HEIGHT_PX = 220;
const PERCENT = 100;

export function LoadChart({ history }: { readonly history: readonly LoadPoint[] }) {
  const points = history.map(({ at, load, blocked, active }) => ({ at, busy: load, blocked, active }));
  return (
    <figure className="chart">
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
          <LineChart data={points} accessibilityLayer={false} margin={{ left: -16, right: 8, top: 8, bottom: 0 }}>
            <XAxis
              dataKey="at"
              type="number"
              domain={["dataMin", "dataMax"]}
              tickFormatter={clockText}
              stroke="currentColor"
              fontSize={12}
            />
            <YAxis stroke="currentColor" fontSize={12} />
            <Tooltip
              labelFormatter={(at) => clockText(Number(at))}
              contentStyle={{ background: "var(--surface)", border: "1px solid var(--line)", color: "var(--text)" }}
            />
            <Legend />
            <Line
              dataKey="busy"
              name="seconds of work per second"
              stroke="var(--held)"
              dot={false}
              isAnimationActive={false}
            />
            <Line
              dataKey="active"
              name="active sessions"
              stroke="var(--excepted)"
              dot={false}
              isAnimationActive={false}
            />
            <Line
              dataKey="blocked"
              name="held up by locks"
              stroke="var(--broken)"
              dot={false}
              isAnimationActive={false}
            />
          </LineChart>
        </ResponsiveContainer>
      </div>
      <figcaption>
        <details>
          <summary>The load as a table</summary>
          <ScrollArea label="The load, oldest first">
            <table>
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col">Seconds of work per second</th>
                  <th scope="col">Calls per second</th>
                  <th scope="col">Active</th>
                  <th scope="col">Held up</th>
                  <th scope="col">Found in the cache</th>
                </tr>
              </thead>
              <tbody>
                {history.map((point) => (
                  <tr key={point.at}>
                    <th scope="row">
                      <Clock at={point.at} />
                    </th>
                    <td>{point.load === null ? "–" : point.load.toFixed(3)}</td>
                    <td>{point.callsPerSecond === null ? "–" : point.callsPerSecond.toFixed(1)}</td>
                    <td>{rounded(point.active)}</td>
                    <td>{rounded(point.blocked)}</td>
                    <td>{point.hitShare === null ? "–" : `${(point.hitShare * PERCENT).toFixed(1)} %`}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollArea>
        </details>
      </figcaption>
    </figure>
  );
}

const clockText = (at: number): string => new Date(at).toLocaleTimeString([], { hour12: false });
const rounded = (value: number): string => value.toFixed(1).replace(/\.0$/, "");
