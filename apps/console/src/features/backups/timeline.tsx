// Which moments can be restored, as a picture and as a table, and any moment tried with a slider: by pointer, by keyboard, by ear.
import type { BackupStatus } from "@holdfast/server/api";
import { useId, useState } from "react";
import { ScrollArea } from "../../ui/scroll-area.tsx";
import { stateShapes } from "./backup-state.tsx";

const HEIGHT_PX = 120;
const SLIDER_STEPS = 1_000;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Room at both ends for marks that are wider than a moment, in percent. */
const MARGIN = 2;
const TICKS = [0, 0.5, 1] as const;

type Range = BackupStatus["recoverable"][number];

export function Timeline({ status }: { readonly status: BackupStatus }) {
  const { recoverable, backups, now } = status;
  const from = Math.min(
    ...recoverable.map((range) => range.from),
    ...backups.flatMap(({ startedAt }) => startedAt ?? []),
  );
  return (
    <>
      <h2>What can be restored</h2>
      {recoverable.length === 0 ? (
        <p>No moment can be restored yet.</p>
      ) : (
        <figure className="chart">
          <Tried status={status} from={from} to={Math.max(now, from + SECOND_MS)} />
          <figcaption>
            <RangeTable ranges={recoverable} />
          </figcaption>
        </figure>
      )}
    </>
  );
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function Tried({ status, from, to }: Span & { readonly status: BackupStatus }) {
  const id = useId();
  const newest = status.recoverable[0]?.to ?? to;
  const [chosen, setChosen] = useState<number | null>(null);
  const at = Math.min(to, Math.max(from, chosen ?? newest));
  const range = status.recoverable.find((each) => each.from <= at && at <= each.to);
  const step = Math.max(SECOND_MS, Math.round((to - from) / SLIDER_STEPS / SECOND_MS) * SECOND_MS);
  return (
    <>
      <Picture status={status} from={from} to={to} at={at} />
      <label htmlFor={id}>A moment</label>
      <input
        id={id}
        className="moment-slider"
        type="range"
        min={from}
        max={to}
        step={step}
        value={at}
        aria-valuetext={`${when(at)}, ${range === undefined ? "cannot" : "can"} be restored`}
        onChange={(event) => setChosen(Number(event.target.value))}
      />
      <p>
        <strong>{when(at)}</strong>{" "}
        {range === undefined ? (
          "cannot be restored."
        ) : (
          <>
            can be restored: <code>holdfast restore --to {new Date(at).toISOString()} --into FOLDER</code>
          </>
        )}
      </p>
    </>
  );
}

/** Positions are percentages, so that the picture needs no measuring and its words keep their size on a phone. */
function Picture({ status, from, to, at }: Span & { readonly status: BackupStatus; readonly at: number }) {
  const place = (moment: number) =>
    MARGIN + ((100 - 2 * MARGIN) * (Math.min(to, Math.max(from, moment)) - from)) / (to - from);
  const percent = (value: number) => `${value.toFixed(2)}%`;
  return (
    <svg className="timeline-picture" width="100%" height={HEIGHT_PX} aria-hidden="true">
      <text x="0" y="14" className="timeline-name">
        Backups
      </text>
      {status.backups.map(({ id, state, endedAt }) =>
        endedAt === null ? null : (
          <text
            key={id}
            x={percent(place(endedAt))}
            y="36"
            textAnchor="middle"
            className={`timeline-mark mark-${state}`}
          >
            {stateShapes[state]}
          </text>
        ),
      )}
      <text x="0" y="58" className="timeline-name">
        Moments that can be restored
      </text>
      <rect x={percent(MARGIN)} y="66" width={percent(100 - 2 * MARGIN)} height="18" className="timeline-ground" />
      {status.recoverable.map((range) => (
        <rect
          key={range.from}
          x={percent(place(range.from))}
          y="66"
          width={percent(Math.max(0.3, place(range.to) - place(range.from)))}
          height="18"
          className="timeline-range"
        />
      ))}
      <line x1={percent(place(at))} x2={percent(place(at))} y1="62" y2="92" className="timeline-chosen" />
      {TICKS.map((part) => (
        <text
          key={part}
          x={percent(place(from + part * (to - from)))}
          y="110"
          textAnchor={part === 0 ? "start" : part === 1 ? "end" : "middle"}
          className="timeline-name"
        >
          {tick(from + part * (to - from), to - from)}
        </text>
      ))}
    </svg>
  );
}

function RangeTable({ ranges }: { readonly ranges: readonly Range[] }) {
  return (
    <ScrollArea label="Moments that can be restored, newest first">
      <table>
        <thead>
          <tr>
            <th scope="col">Any moment from</th>
            <th scope="col">to</th>
          </tr>
        </thead>
        <tbody>
          {ranges.map(({ from, to }) => (
            <tr key={from}>
              <td>
                <Exact at={from} />
              </td>
              <td>
                <Exact at={to} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}

/** As `holdfast restore --to` takes it. */
const Exact = ({ at }: { readonly at: number }) => {
  const exact = new Date(at).toISOString();
  return (
    <time dateTime={exact} title={when(at)}>
      <code>{exact}</code>
    </time>
  );
};

const when = (at: number): string => new Date(at).toLocaleString([], { hour12: false });

const tick = (at: number, spanMs: number): string =>
  spanMs > DAY_MS
    ? new Date(at).toLocaleDateString([], { day: "numeric", month: "short" })
    : new Date(at).toLocaleTimeString([], { hour12: false });
