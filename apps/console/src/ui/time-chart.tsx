// Numbers over time as a picture, and the same numbers as a table for those who do not see it.
import type { ReactNode } from "react";
import { Legend, Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { ScrollArea } from "./scroll-area.tsx";
import { tooltipStyle } from "./tooltip-style.ts";

const CHART_HEIGHT_PX = 220;

export interface ChartLine<Key extends string> {
  readonly key: Key;
  readonly name: string;
  readonly color: "held" | "excepted" | "broken";
}

interface TimeChartProps<Key extends string> {
  readonly points: readonly (Readonly<Record<Key, number | null>> & { readonly at: number })[];
  readonly lines: readonly ChartLine<Key>[];
  readonly timeText: (at: number) => string;
  readonly valueText: (value: number) => string;
  /** What the table is called, and what is in it: heads and rows. */
  readonly label: string;
  readonly heads: readonly string[];
  readonly children: ReactNode;
}

export function TimeChart<Key extends string>(props: TimeChartProps<Key>) {
  const { points, lines, timeText, valueText, label, heads, children } = props;
  return (
    <figure className="chart">
      <div aria-hidden="true">
        <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
          <LineChart data={[...points]} accessibilityLayer={false} margin={{ left: 8, right: 8, top: 8, bottom: 0 }}>
            <XAxis
              dataKey="at"
              type="number"
              domain={["dataMin", "dataMax"]}
              tickFormatter={timeText}
              stroke="currentColor"
              fontSize={12}
            />
            <YAxis tickFormatter={valueText} stroke="currentColor" fontSize={12} />
            <Tooltip
              labelFormatter={(at) => timeText(Number(at))}
              formatter={(value) => valueText(Number(value))}
              contentStyle={tooltipStyle}
            />
            {lines.length > 1 ? <Legend /> : null}
            {lines.map(({ key, name, color }) => (
              <Line
                key={key}
                dataKey={key}
                name={name}
                stroke={`var(--${color})`}
                dot={false}
                isAnimationActive={false}
              />
            ))}
          </LineChart>
        </ResponsiveContainer>
      </div>
      <figcaption>
        <details>
          <summary>{label} as a table</summary>
          <ScrollArea label={`${label}, oldest first`}>
            <table>
              <thead>
                <tr>
                  {heads.map((head) => (
                    <th key={head} scope="col">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>{children}</tbody>
            </table>
          </ScrollArea>
        </details>
      </figcaption>
    </figure>
  );
}
