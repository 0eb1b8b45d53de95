// The load of the database over time.
import type { LoadPoint } from "@holdfast/server/api";
import { Clock } from "../../ui/moment.tsx";
import { TimeChart } from "../../ui/time-chart.tsx";

const PERCENT = 100;
const lines = [
  { key: "load", name: "seconds of work per second", color: "held" },
  { key: "active", name: "active sessions", color: "excepted" },
  { key: "blocked", name: "held up by locks", color: "broken" },
] as const;
const heads = ["Time", "Seconds of work per second", "Calls per second", "Active", "Held up", "Found in the cache"];

export function LoadChart({ history }: { readonly history: readonly LoadPoint[] }) {
  return (
    <TimeChart points={history} lines={lines} timeText={clockText} valueText={rounded} label="The load" heads={heads}>
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
    </TimeChart>
  );
}

const clockText = (at: number): string => new Date(at).toLocaleTimeString([], { hour12: false });
const rounded = (value: number): string => `${Number(value.toFixed(3))}`;
