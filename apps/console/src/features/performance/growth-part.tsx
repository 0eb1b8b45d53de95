// How large the database was, and when its disk is full as it grows now.
import type { Forecast, Growth } from "@holdfast/server/api";
import { bytesText } from "../../ui/bytes-text.ts";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { TimeChart } from "../../ui/time-chart.tsx";

const lines = [{ key: "bytes", name: "size", color: "held" }] as const;

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
        <TimeChart
          points={samples}
          lines={lines}
          timeText={dayText}
          valueText={bytesText}
          label="The size"
          heads={["Time", "Size"]}
        >
          {samples.map((sample) => (
            <tr key={sample.at}>
              <th scope="row">{dayText(sample.at)}</th>
              <td>{bytesText(sample.bytes)}</td>
            </tr>
          ))}
        </TimeChart>
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
