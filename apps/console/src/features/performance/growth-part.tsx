// How large the database was, and when its disk is full as it grows now. The numbers stand in a table beside the picture.
import type { Forecast, Growth } from "@holdfast/server/api";
import { Line, LineChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { bytesText } from "../../ui/bytes-text.ts";
import { ScrollArea } from "../../ui/scroll-area.tsx";

const CHART_HEIGHT_PX = 200;

export function GrowthPart({ growth, limitDays }: { readonly growth: Growth; readonly limitDays: number }) {
  const { bytes, diskFree, forecast, samples, tables } = growth;
  return (
    <>
      <p>
        {bytes === null ? "Its size is not known yet." : `The database has ${bytesText(bytes)}. `}
        {diskFree === null
          ? "How much room its disk has is not known from here. "
          : `Its disk has ${bytesText(diskFree)} free. `}
        {outlook(forecast)}
      </p>
      <p className="under">Sizes are kept each hour for 90 days. Less than {limitDays} days left is an alert.</p>
      {samples.length < 2 ? null : (
        <figure className="chart">
          <div aria-hidden="true">
            <ResponsiveContainer width="100%" height={CHART_HEIGHT_PX}>
              <LineChart
                data={[...samples]}
                accessibilityLayer={false}
                margin={{ left: 8, right: 8, top: 8, bottom: 0 }}
              >
                <XAxis
                  dataKey="at"
                  type="number"
                  domain={["dataMin", "dataMax"]}
                  tickFormatter={dayText}
                  stroke="currentColor"
                  fontSize={12}
                />
                <YAxis tickFormatter={bytesText} stroke="currentColor" fontSize={12} />
                <Tooltip
                  labelFormatter={(at) => dayText(Number(at))}
                  formatter={(value) => bytesText(Number(value))}
                  contentStyle={{ background: "var(--surface)", border: "1px solid var(--line)", color: "var(--text)" }}
                />
                <Line dataKey="bytes" name="size" stroke="var(--held)" dot={false} isAnimationActive={false} />
              </LineChart>
            </ResponsiveContainer>
          </div>
          <figcaption>
            <details>
              <summary>The sizes as a table</summary>
              <ScrollArea label="Sizes, oldest first">
                <table>
                  <thead>
                    <tr>
                      <th scope="col">Time</th>
                      <th scope="col">Size</th>
                    </tr>
                  </thead>
                  <tbody>
                    {samples.map((sample) => (
                      <tr key={sample.at}>
                        <th scope="row">{dayText(sample.at)}</th>
                        <td>{bytesText(sample.bytes)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </ScrollArea>
            </details>
          </figcaption>
        </figure>
      )}
      {tables.length === 0 ? null : (
        <ScrollArea label="Growth of tables">
          <table>
            <thead>
              <tr>
                <th scope="col">Table</th>
                <th scope="col">Size</th>
                <th scope="col">Growth</th>
              </tr>
            </thead>
            <tbody>
              {tables.map(({ table, bytes: size, forecast: own }) => (
                <tr key={table}>
                  <th scope="row">
                    <code>{table}</code>
                  </th>
                  <td>{bytesText(size)}</td>
                  <td>{own.kind === "unproven" ? `unproven: ${own.reason}` : rate(own)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </>
  );
}

type Fitted = Extract<Forecast, { kind: "fitted" }>;

function outlook(forecast: Forecast): string {
  if (forecast.kind === "unproven") return `Growth is unproven: ${forecast.reason}, and there are ${forecast.samples}.`;
  const full =
    forecast.daysLeft === null
      ? ""
      : ` At that rate the disk is full in ${Math.floor(forecast.daysLeft).toLocaleString()} days.`;
  return `It grows by ${rate(forecast)} (${forecast.method} over ${forecast.samples} samples).${full}`;
}

function rate({ bytesPerDay, bytesPerDayRange: [low, high] }: Fitted): string {
  return `${signed(bytesPerDay)} a day (half of all pairs between ${signed(low)} and ${signed(high)})`;
}

const signed = (bytes: number): string => (bytes < 0 ? `−${bytesText(-bytes)}` : bytesText(bytes));
const dayText = (at: number): string => new Date(at).toLocaleString([], { dateStyle: "short", timeStyle: "short" });
