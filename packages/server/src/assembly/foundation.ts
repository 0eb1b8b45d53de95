// What every part of the platform stands on: database pools, the logs, metrics, streams, ended sessions, and the pulse.
import type { EmitEvent, Policy } from "@holdfast/policy";
import {
  type Cluster,
  type DatabasePool,
  type PoolOptions,
  type PoolPurpose,
  type PreparedDatabase,
  purposes,
  Sealing,
  type SealingOptions,
} from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import type { Health } from "../api/shapes.ts";
import { createStreamHub, type StreamHub } from "../api/stream-hub.ts";
import type { Backups } from "../backups/backups.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { PerformanceMonitor } from "../performance/performance-monitor.ts";
import type { Replicas } from "../replicas/replicas.ts";
import type { Closers } from "./closers.ts";
import { createEndedSessions, type EndedSessions } from "./ended-sessions.ts";
import { openPlatformLogs, type PlatformLogs } from "./platform-logs.ts";
import { platformMetrics } from "./platform-metrics.ts";
import { type Pulse, startPulse } from "./pulse.ts";
import { sealedColumnsOf } from "./sealed-columns.ts";

export interface Foundation {
  readonly pools: Readonly<Record<PoolPurpose, DatabasePool>>;
  readonly logs: PlatformLogs;
  readonly metrics: Metrics;
  readonly streams: StreamHub;
  readonly ended: EndedSessions;
  readonly pulse: Pulse;
  readonly emit: EmitEvent;
  readonly health: () => Health;
  /** What is opened later than the metrics that read it. */
  readonly late: { backups?: Backups; replicas?: Replicas; performance?: PerformanceMonitor };
}

export interface FoundationOptions {
  readonly policy: Policy;
  readonly vault: Vault;
  readonly database: PreparedDatabase;
  readonly cluster: Cluster;
  readonly now: () => number;
  /** Told of failures in the background. */
  readonly onFailure: (cause: unknown) => void;
}

export async function openFoundation(options: FoundationOptions, closers: Closers): Promise<Foundation> {
  const { policy, vault, database, cluster, now, onFailure } = options;
  const late: Foundation["late"] & { logs?: PlatformLogs & { readonly emit: EmitEvent } } = {};
  const emit: EmitEvent = (event) => late.logs?.emit(event);
  const open = (purpose: PoolPurpose, more: PoolOptions = {}): DatabasePool => {
    const { role, ...limits } = purposes[purpose];
    return database.pool(role, { ...limits, purpose, emit, now, ...more });
  };
  const platform = open("platform");
  const sealing = sealingOf(policy, vault, platform);
  const pools = {
    api: open("api", sealing === undefined ? {} : { sealing }),
    identity: open("identity"),
    watch: open("watch"),
    platform,
    events: open("events"),
  };
  for (const pool of Object.values(pools)) closers.add(() => pool.end());
  const streams = createStreamHub(now);
  const metrics = platformMetrics({
    policy,
    now,
    pools,
    streams,
    logs: () => late.logs,
    backups: () => late.backups?.known(),
    replicas: () => late.replicas?.status(),
    performance: () => late.performance?.known(),
  });
  const opened = await openPlatformLogs({
    policy,
    vault,
    now,
    onFailure,
    database: pools.events,
    databaseName: database.database,
    onEvent: metrics.countEvent,
    onAlert: (alert) => streams.send("alert", alert),
    onIncident: (incident) => streams.send("incident", incident),
  });
  late.logs = opened;
  closers.add(() => opened.close());
  vault.onKeyEvent((event) => emit({ ...event, service: "vault" }));
  const gathering = setInterval(() => void vault.gatherKeyEvents().catch(onFailure), KEY_EVENTS_MS).unref();
  closers.add(async () => {
    clearInterval(gathering);
    vault.keyring.tellUses();
    await vault.gatherKeyEvents();
  });
  opened.events.subscribe((record) => streams.send("event", record, record.seq));
  const pulse = startPulse({
    database: pools.platform,
    emit,
    now,
    isLogFailing: () => opened.events.isFailing,
    onRecovered: () => opened.events.flush(),
    sample: requestSampler(metrics, opened),
  });
  closers.add(() => pulse.stop());
  cluster.onExit(() => void pulse.beat());
  const health = (): Health => ({
    state: pulse.failing.length === 0 ? "ready" : "degraded",
    failing: pulse.failing,
    eventsWaiting: opened.events.waiting,
    eventsDropped: opened.events.dropped,
  });
  return { pools, logs: opened, metrics, streams, ended: createEndedSessions(now), pulse, emit, health, late };
}

/** How often the events of commands, which use the same vault, are fetched. */
const KEY_EVENTS_MS = 10_000;

/** Undefined where the policy seals nothing: then no statement is looked at. */
function sealingOf(policy: Policy, vault: Vault, platform: DatabasePool): Sealing | undefined {
  const columns = sealedColumnsOf(policy);
  if (columns.length === 0) return undefined;
  const { name: tenant } = policy.application;
  const catalog: SealingOptions["catalog"] = ({ text, values }) => platform.query(text, values);
  return new Sealing({ keyring: vault.keyring, tenant, columns, catalog });
}

/** Hands the requests counted since the last sample to detection. */
function requestSampler(metrics: Metrics, logs: PlatformLogs): () => Promise<void> {
  let last = metrics.totals();
  return async () => {
    const totals = metrics.totals();
    await logs.watch.sample({ requests: totals.requests - last.requests, errors: totals.errors - last.errors });
    last = totals;
  };
}
