// Which of our own checks caused an alert, so that people can tell a proof from an attack. Only said, never acted upon: anybody
// can write a correlation, so a caused alert is raised, counted and waits for a person like every other.
import type { Database } from "../store/database.ts";
import type { Alert } from "./alert.ts";

/** How the prover begins the correlation of everything it sends. */
const PROVER_CORRELATION = "probe-";
/** Most alerts whose causes are worked out at once; of further ones none is known. */
export const CAUSED_ALERTS_MAX = 200;
const RUN_MS_MAX = 60 * 60_000;
const RUNS_MAX = 1_000;

interface CausedEvent {
  readonly at: number;
  readonly correlation: string | null;
}

export interface Run {
  readonly check: string;
  readonly startedAt: number;
  readonly finishedAt: number;
}

/**
 * The check that caused all events, or null: each of them bears a correlation of the prover and happened while a check ran that
 * reported evidence. Where several ran, the one that covers most of the events, then the shortest.
 */
export function causeOf(events: readonly CausedEvent[], runs: readonly Run[]): string | null {
  if (events.length === 0) return null;
  const covers = (run: Run, { at }: CausedEvent): boolean => run.startedAt <= at && at <= run.finishedAt;
  for (const event of events) {
    if (event.correlation?.startsWith(PROVER_CORRELATION) !== true) return null;
    if (!runs.some((run) => covers(run, event))) return null;
  }
  const ranked = runs
    .map((run) => ({ run, covered: events.filter((event) => covers(run, event)).length }))
    .toSorted((a, b) => b.covered - a.covered || lengthOf(a.run) - lengthOf(b.run));
  return ranked[0]?.run.check ?? null;
}

const lengthOf = (run: Run): number => run.finishedAt - run.startedAt;

/** The causes of alerts by their ids, read from the event log and the evidence log. */
export async function causesOf(database: Database, alerts: readonly Alert[]): Promise<ReadonlyMap<string, string>> {
  const causes = new Map<string, string>();
  const asked = alerts.slice(0, CAUSED_ALERTS_MAX);
  const events = await eventsOf(database, [...new Set(asked.flatMap((alert) => alert.evidence))]);
  const times = [...events.values()].map(({ at }) => at);
  if (times.length === 0) return causes;
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  const runs = await runsBetween(database, first, last);
  for (const alert of asked) {
    const own = alert.evidence.flatMap((seq) => events.get(seq) ?? []);
    const cause = own.length === alert.evidence.length ? causeOf(own, runs) : null;
    if (cause !== null) causes.set(alert.id, cause);
  }
  return causes;
}

/** An incident is caused by checks when each of its alerts is. */
export function causeOfIncident(
  incident: { readonly alerts: readonly string[] },
  causes: ReadonlyMap<string, string>,
): string | null {
  const own = incident.alerts.map((id) => causes.get(id) ?? null);
  return own.length === 0 || own.includes(null) ? null : [...new Set(own)].toSorted().join(", ");
}

/** Only events of the prover are read: an alert that has others has no cause. */
async function eventsOf(database: Database, seqs: readonly number[]): Promise<ReadonlyMap<number, CausedEvent>> {
  if (seqs.length === 0) return new Map();
  const { rows } = await database.query<{ seq: string; at: string; correlation: string | null }>(
    "SELECT seq, at, correlation FROM platform.event WHERE seq = ANY($1::bigint[]) AND starts_with(correlation, $2)",
    [seqs, PROVER_CORRELATION],
  );
  return new Map(rows.map(({ seq, at, correlation }) => [Number(seq), { at: Number(at), correlation }]));
}

/** Runs against this deployment; those against twins happen elsewhere. */
async function runsBetween(database: Database, first: number, last: number): Promise<readonly Run[]> {
  const { rows } = await database.query<{ check: string; started_at: string; finished_at: string }>(
    `SELECT "check", body::jsonb ->> 'startedAt' AS started_at, finished_at FROM platform.evidence
     WHERE NOT sabotage AND finished_at BETWEEN $1 AND $2 ORDER BY seq DESC LIMIT $3`,
    [first, last + RUN_MS_MAX, RUNS_MAX],
  );
  return rows.map(({ check, started_at, finished_at }) => ({
    check,
    startedAt: Number(started_at),
    finishedAt: Number(finished_at),
  }));
}
