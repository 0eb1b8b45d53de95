// The platform's Prometheus metrics. Counters exist from the start at 0 for every known label: a counter first seen at 20 raises
// no `increase()` alert. A user, an address or a path is never a label.
import { type EventName, eventKinds, type SecurityEvent } from "@holdfast/policy";
import type { WaitTimes } from "@holdfast/postgres";
import { Counter, Gauge, Registry } from "prom-client";
import type { KnownPerformance } from "../performance/performance-monitor.ts";
import type { ReplicaStatus } from "../replicas/replica-status.ts";
import { registerDatabase } from "./database-metrics.ts";
import { type ByLabel, readers } from "./metric-readers.ts";
import { PoolWaits } from "./pool-waits.ts";

/** OCSF classes and severities as label values. */
const classNames: Readonly<Record<number, string>> = {
  2004: "detection_finding",
  2005: "incident_finding",
  3001: "account_change",
  3002: "authentication",
  3004: "entity_management",
  4002: "http_activity",
  6002: "application_lifecycle",
  6003: "api_activity",
  6005: "datastore_activity",
};
const severityNames = { 1: "informational", 2: "low", 3: "medium", 4: "high", 5: "critical" } as const;
const codeClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Events that count as an API error. */
const apiErrorNames: ReadonlySet<EventName> = new Set(["api.error", "edge.upstream-failed"]);

/** What is read when Prometheus asks. */
export interface MetricSources {
  readonly eventsWaiting: () => number;
  readonly eventsDropped: () => number;
  readonly eventsRefused: () => number;
  readonly logFailing: () => boolean;
  /** Newest sequence number of each log. */
  readonly logRecords: () => Readonly<Record<string, number>>;
  readonly alertsOpen: () => number;
  readonly incidentsOpen: () => number;
  readonly controls: () => Readonly<Record<string, number>>;
  readonly pools: () => Readonly<Record<string, PoolNumbers>>;
  readonly replicas: () => ReplicaStatus | undefined;
  readonly streamsOpen: () => number;
  /** Ages and durations of backups in seconds, by what they measure. */
  readonly backups: () => Readonly<Record<string, number>>;
  readonly performance: () => KnownPerformance | undefined;
}

interface PoolNumbers {
  readonly connections: number;
  readonly idle: number;
  readonly waiting: number;
  readonly refused: number;
  readonly saturation: number;
  readonly waitTimes: WaitTimes;
}

export interface Metrics {
  /** Counts an event when it happens, whether or not it can be written. */
  countEvent(event: SecurityEvent): void;
  /** Counts an answered request by the class of its status code. */
  countRequest(status: number): void;
  /** Notes the result of the last verification of a log. */
  noteVerification(log: string, intact: boolean): void;
  /** Requests and errors (5xx) counted so far. */
  totals(): { readonly requests: number; readonly errors: number };
  text(): Promise<string>;
  readonly contentType: string;
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const failedLogins = new Counter({
    name: "holdfast_failed_login_attempts_total",
    help: "Sign-ins that failed.",
    registers,
  });
  const apiErrors = new Counter({
    name: "holdfast_api_errors_total",
    help: "Unexpected errors of services.",
    registers,
  });
  const securityEvents = new Counter({
    name: "holdfast_security_events_total",
    help: "Security events by OCSF class and severity.",
    labelNames: ["class", "severity"],
    registers,
  });
  const requests = new Counter({
    name: "holdfast_http_requests_total",
    help: "Requests the gateway answered, by class of status code.",
    labelNames: ["code"],
    registers,
  });
  const chain = new Gauge({
    name: "holdfast_chain_intact",
    help: "1 when the last verification of the log found its hash chain intact, 0 when not.",
    labelNames: ["log"],
    registers,
  });
  for (const kind of Object.values(eventKinds)) securityEvents.inc(labelsOf(kind), 0);
  for (const code of codeClasses) requests.inc({ code }, 0);
  registerSources(registers, sources);
  const totals = { requests: 0, errors: 0 };

  return {
    countEvent(event) {
      const kind = eventKinds[event.name];
      if (kind === undefined) return;
      securityEvents.inc(labelsOf(kind));
      if (event.name === "signin.failed") failedLogins.inc();
      if (apiErrorNames.has(event.name)) apiErrors.inc();
    },
    countRequest(status) {
      const code = codeClasses[Math.floor(status / 100) - 1] ?? "5xx";
      requests.inc({ code });
      totals.requests += 1;
      if (code === "5xx") totals.errors += 1;
    },
    noteVerification: (log, intact) => chain.set({ log }, intact ? 1 : 0),
    totals: () => ({ ...totals }),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function labelsOf(kind: { readonly classUid: number; readonly severityId: number }): {
  class: string;
  severity: string;
} {
  const severity = severityNames[kind.severityId as keyof typeof severityNames];
  return { class: classNames[kind.classUid] ?? String(kind.classUid), severity };
}

/** Values that are read at each scrape. */
function registerSources(registers: Registry[], sources: MetricSources): void {
  const { gauge, counter, byLabel } = readers(registers);
  const ofPools = (pick: (numbers: PoolNumbers) => number) => (): Record<string, number> =>
    Object.fromEntries(Object.entries(sources.pools()).map(([pool, numbers]) => [pool, pick(numbers)]));
  gauge("holdfast_event_queue_length", "Events that wait to be written.", sources.eventsWaiting);
  counter("holdfast_events_dropped_total", "Events lost because the queue was full.", sources.eventsDropped);
  counter("holdfast_events_refused_total", "Events refused because they were not ones.", sources.eventsRefused);
  gauge("holdfast_event_log_failing", "1 while the event log cannot be written.", () => (sources.logFailing() ? 1 : 0));
  byLabel("holdfast_log_records", "Newest sequence number of each append-only log.", "log", sources.logRecords);
  gauge("holdfast_alerts_open", "Alerts that nobody has acknowledged.", sources.alertsOpen);
  gauge("holdfast_incidents_open", "Incidents that nobody has acknowledged.", sources.incidentsOpen);
  byLabel("holdfast_controls", "Controls by status.", "status", sources.controls);
  byLabel(
    "holdfast_pool_connections",
    "Open database connections.",
    "pool",
    ofPools((pool) => pool.connections),
  );
  byLabel(
    "holdfast_pool_idle",
    "Idle database connections.",
    "pool",
    ofPools((pool) => pool.idle),
  );
  byLabel(
    "holdfast_pool_waiting",
    "Requests waiting for a database connection.",
    "pool",
    ofPools((pool) => pool.waiting),
  );
  byLabel(
    "holdfast_pool_refused",
    "Requests refused because the pool was full.",
    "pool",
    ofPools((pool) => pool.refused),
  );
  byLabel(
    "holdfast_pool_saturation",
    "Database connections in use, as a part of those allowed.",
    "pool",
    ofPools((pool) => pool.saturation),
  );
  for (const registry of registers) registry.registerMetric(new PoolWaits(sources.pools));
  registerReplicas(byLabel, sources.replicas);
  gauge("holdfast_streams_open", "Open event streams.", sources.streamsOpen);
  byLabel(
    "holdfast_backup_seconds",
    "Of backups: age of the newest proven one, of the newest drill and of the archive's end; recovery point and time of that drill.",
    "what",
    sources.backups,
  );
  registerDatabase(byLabel, sources.performance);
}

function registerReplicas(byLabel: ByLabel, status: MetricSources["replicas"]): void {
  const each = (pick: (report: ReplicaStatus["replicas"][number]) => number | null) => (): Record<string, number> =>
    Object.fromEntries(
      (status()?.replicas ?? []).flatMap((report) => {
        const value = pick(report);
        return value === null ? [] : [[report.name, value]];
      }),
    );
  const replica = "replica";
  byLabel(
    "holdfast_replica_following",
    "1 while reads may go to the replica.",
    replica,
    each(({ state }) => Number(state === "following")),
  );
  byLabel(
    "holdfast_replica_lag_seconds",
    "How old what the replica shows may be.",
    replica,
    each(({ lagMs }) => (lagMs === null ? null : lagMs / 1_000)),
  );
  byLabel(
    "holdfast_replica_lag_bytes",
    "Bytes of log that the replica has not replayed.",
    replica,
    each(({ lagBytes }) => lagBytes),
  );
  byLabel(
    "holdfast_replica_slot_bytes",
    "Bytes of log that the primary keeps for the replica.",
    replica,
    each(({ keptBytes }) => keptBytes),
  );
  byLabel(
    "holdfast_replica_reads",
    "Reads by where they went, and those that waited, since the start.",
    "outcome",
    () => ({ ...status()?.reads }),
  );
}
