// Connects the metrics with what they read. The sources are bound late: metrics count from the first event on, before there are
// alerts to count.
import { controls, type Policy } from "@holdfast/policy";
import type { DatabasePool } from "@holdfast/postgres";
import type { StreamHub } from "../api/stream-hub.ts";
import type { BackupStatus } from "../backups/backup-status.ts";
import { statusOfControl } from "../controls/status.ts";
import { createMetrics, type Metrics } from "../metrics/metrics.ts";
import type { KnownPerformance } from "../performance/performance-monitor.ts";
import type { ReplicaStatus } from "../replicas/replica-status.ts";
import type { PlatformLogs } from "./platform-logs.ts";
import { policyHash } from "./policy-hash.ts";

export interface MetricParts {
  readonly policy: Policy;
  readonly now: () => number;
  readonly pools: Readonly<Record<string, DatabasePool>>;
  readonly streams: StreamHub;
  /** Undefined until the logs are open. */
  readonly logs: () => PlatformLogs | undefined;
  /** What was known of backups when somebody last looked. */
  readonly backups: () => BackupStatus | undefined;
  readonly replicas: () => ReplicaStatus | undefined;
  readonly performance: () => KnownPerformance | undefined;
}

export function platformMetrics({
  policy,
  now,
  pools,
  streams,
  logs,
  backups,
  replicas,
  performance,
}: MetricParts): Metrics {
  const hash = policyHash(policy);
  return createMetrics({
    eventsWaiting: () => logs()?.events.waiting ?? 0,
    eventsDropped: () => logs()?.events.dropped ?? 0,
    eventsRefused: () => logs()?.events.refused ?? 0,
    logFailing: () => logs()?.events.isFailing ?? false,
    logRecords: () => ({
      event: logs()?.events.newestSeq ?? 0,
      evidence: logs()?.evidence.newestSeq ?? 0,
      alert_log: logs()?.alerts.chain.head.seq ?? 0,
      incident_log: logs()?.incidents.chain.head.seq ?? 0,
    }),
    alertsOpen: () => count([...(logs()?.alerts.state.alerts.values() ?? [])]),
    incidentsOpen: () => count([...(logs()?.incidents.state.values() ?? [])]),
    controls: () => controlCounts(logs(), now(), hash),
    pools: () => Object.fromEntries(Object.entries(pools).map(([name, pool]) => [name, pool.metrics])),
    streamsOpen: () => streams.open,
    backups: () => backupNumbers(backups(), now()),
    replicas,
    performance,
  });
}

/** Seconds, as Prometheus counts them; what is not known is not there. */
function backupNumbers(status: BackupStatus | undefined, now: number): Readonly<Record<string, number>> {
  if (status === undefined || !status.on) return {};
  const proven = status.backups.find(({ state }) => state === "proven");
  const drill = status.newestDrill;
  const ages: readonly (readonly [string, number | null | undefined])[] = [
    ["backup_age", proven?.endedAt === undefined || proven.endedAt === null ? null : now - proven.endedAt],
    ["drill_age", drill === null ? null : now - drill.finishedAt],
    ["archive_age", status.archive.reachesTo === null ? null : now - status.archive.reachesTo],
    ["recovery_point", drill?.recoveryPointMs],
    ["recovery_time", drill?.recoveryTimeMs],
  ];
  return Object.fromEntries(
    ages.flatMap(([name, value]) => (typeof value === "number" ? [[name, value / 1_000]] : [])),
  );
}

function count(subjects: readonly { readonly state: string }[]): number {
  return subjects.filter((subject) => subject.state === "open").length;
}

function controlCounts(logs: PlatformLogs | undefined, now: number, hash: string): Record<string, number> {
  const counts: Record<string, number> = { held: 0, broken: 0, unproven: 0, excepted: 0, "out-of-scope": 0 };
  const evidence = logs?.evidence.newest ?? new Map();
  for (const control of controls) {
    const { status } = statusOfControl(control, { now, policyHash: hash, evidence });
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
