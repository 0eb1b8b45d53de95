// What performance looks like to Prometheus: what postgres_exporter does not tell. Everything is what was known when the monitor last
// looked; a text of a statement is never a label.
import type { KnownPerformance } from "../performance/performance-monitor.ts";
import type { ByLabel } from "./metric-readers.ts";

const SECOND_MS = 1_000;
const TABLES_MAX = 20;

export function registerDatabase(byLabel: ByLabel, known: () => KnownPerformance | undefined): void {
  const watch = () => known()?.watch;
  const study = () => known()?.study;
  byLabel("holdfast_database_sessions", "Sessions of the database by state.", "state", () => ({
    ...watch()?.activity.states,
  }));
  byLabel("holdfast_database_waits", "Active sessions by what they wait for; CPU waits for nothing.", "type", () => ({
    ...watch()?.activity.waits,
  }));
  byLabel(
    "holdfast_database_blocked",
    "Sessions that wait for a lock of another, and the depth of the deepest chain.",
    "what",
    () => {
      const activity = watch()?.activity;
      return activity === undefined ? {} : { sessions: activity.blocked, depth: activity.blockingDepth };
    },
  );
  byLabel(
    "holdfast_database_seconds",
    "Of the database: the longest wait for a lock, the age of the oldest transaction, and what looking took.",
    "what",
    () => secondsOf(known()),
  );
  byLabel("holdfast_database_statement_seconds", "Time of statements since counting began, by role.", "role", () =>
    byRole(known(), ({ totalMs }) => totalMs / SECOND_MS),
  );
  byLabel("holdfast_database_statement_calls", "Calls of statements since counting began, by role.", "role", () =>
    byRole(known(), ({ calls }) => calls),
  );
  byLabel(
    "holdfast_database_policy_share",
    "Part of the planned cost of the statements with most time that row-level security adds, by role, weighed by time.",
    "role",
    () => policyShares(known()),
  );
  byLabel("holdfast_database_io_bytes", "Bytes read, written and extended since counting began.", "direction", () => {
    const lines = study()?.inputOutput;
    const sum = (pick: (line: NonNullable<typeof lines>[number]) => number) =>
      (lines ?? []).reduce((total, line) => total + pick(line), 0);
    return lines === undefined || lines.length === 0
      ? {}
      : {
          read: sum(({ readBytes }) => readBytes),
          written: sum(({ writtenBytes }) => writtenBytes),
          extended: sum(({ extendedBytes }) => extendedBytes),
        };
  });
  byLabel("holdfast_database_bloat_bytes", "Bytes of tables that hold nothing, in the largest ones.", "table", () =>
    Object.fromEntries(
      (study()?.bloat ?? [])
        .slice(0, TABLES_MAX)
        .map(({ table, deadBytes, freeBytes }) => [table, deadBytes + freeBytes]),
    ),
  );
  byLabel("holdfast_database_index_advice", "Indexes that are missing or needless, by rule.", "rule", () => {
    const counts: Record<string, number> = {};
    for (const { rule } of study()?.advice ?? []) counts[rule] = (counts[rule] ?? 0) + 1;
    return counts;
  });
  byLabel(
    "holdfast_database_size",
    "Bytes of the database and of free disk, growth in bytes a day, and days until the disk is full as it grows now.",
    "what",
    () => sizesOf(known()),
  );
}

function secondsOf(known: KnownPerformance | undefined): Readonly<Record<string, number>> {
  const activity = known?.watch?.activity;
  const all = {
    longest_blocked: activity?.longestBlockedMs,
    oldest_transaction: activity?.oldestTransactionMs,
    watch: known?.watch?.tookMs,
    study: known?.study?.tookMs,
  };
  return present(all, SECOND_MS);
}

function sizesOf(known: KnownPerformance | undefined): Readonly<Record<string, number>> {
  const growth = known?.growth;
  const fitted = growth?.forecast.kind === "fitted" ? growth.forecast : undefined;
  return present(
    {
      database: known?.watch?.counters?.bytes,
      disk_free: growth?.diskFree,
      per_day: fitted?.bytesPerDay,
      days_left: fitted?.daysLeft,
    },
    1,
  );
}

/** What is not known is not there. */
const present = (
  values: Readonly<Record<string, number | null | undefined>>,
  unit: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (typeof value === "number" ? [[name, value / unit]] : [])),
  );

type Role = NonNullable<KnownPerformance["watch"]>["roles"][number];

const byRole = (known: KnownPerformance | undefined, pick: (role: Role) => number): Readonly<Record<string, number>> =>
  Object.fromEntries((known?.watch?.roles ?? []).map((role) => [role.role, pick(role)]));

function policyShares(known: KnownPerformance | undefined): Readonly<Record<string, number>> {
  const sums = new Map<string, { cost: number; totalMs: number }>();
  for (const { role, totalMs, policyCost } of known?.study?.statements ?? []) {
    if (policyCost === null) continue;
    const sum = sums.get(role) ?? { cost: 0, totalMs: 0 };
    sums.set(role, { cost: sum.cost + Math.max(0, policyCost.share) * totalMs, totalMs: sum.totalMs + totalMs });
  }
  return Object.fromEntries(
    [...sums].flatMap(([role, { cost, totalMs }]) => (totalMs > 0 ? [[role, cost / totalMs]] : [])),
  );
}
