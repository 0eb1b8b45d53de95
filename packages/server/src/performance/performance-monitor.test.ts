import type { SecurityEvent } from "@holdfast/policy";
import { asSubject } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type pg from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventRules, findingsIn } from "../detection/event-rules.ts";
import { createMetrics } from "../metrics/metrics.ts";
import { platformMigrations } from "../store/migrations.ts";
import { usualLimits } from "./performance-limits.ts";
import { type PerformanceMonitor, SIZE_MS, startPerformanceMonitor } from "./performance-monitor.ts";

const CANARY = "canary4711";
const DAY_MS = 86_400_000;
const START = 1_800_000_000_000;
const monitoring = { failedLogins: { atLeast: 5, windowSeconds: 60 } };

let ground: TestDatabase;
let monitor: PerformanceMonitor;
let events: SecurityEvent[];
let now: number;

const open = (limits = usualLimits): PerformanceMonitor =>
  startPerformanceMonitor({
    connect: () => ground.prepared.administrator(),
    database: ground.pool("holdfast_platform"),
    isLocal: true,
    limits,
    emit: (event) => events.push(event),
    now: () => now,
    onFailure: () => undefined,
  });

beforeEach(async () => {
  ground = await testDatabase({ migrationSets: [platformMigrations] });
  events = [];
  now = START;
});
afterEach(async () => {
  await monitor.stop();
  await ground.drop();
});

const found = () =>
  events.flatMap(({ name, at, detail = {} }) =>
    findingsIn(eventRules(monitoring), { seq: 1, name, at, address: null, subject: null, detail }),
  );

const metricsText = () => {
  const none = () => ({});
  const zero = () => 0;
  return createMetrics({
    eventsWaiting: zero,
    eventsDropped: zero,
    eventsRefused: zero,
    logFailing: () => false,
    logRecords: none,
    alertsOpen: zero,
    incidentsOpen: zero,
    controls: none,
    pools: none,
    replicas: () => undefined,
    streamsOpen: zero,
    backups: none,
    performance: () => monitor.known(),
  }).text();
};

async function heldUp(work: () => Promise<void>): Promise<void> {
  const clients = await Promise.all([ground.prepared.administrator(), ground.prepared.administrator()]);
  const [holder, waiter] = clients as [pg.Client, pg.Client];
  await holder.query("select pg_advisory_lock(4711)");
  const waiting = waiter.query(`select pg_advisory_lock(4711), '${CANARY}'`);
  const watcher = await ground.administrator();
  for (let count = 0; count === 0; ) {
    const { rows } = await watcher.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    count = rows[0]?.count ?? 0;
  }
  await work();
  await holder.query("select pg_advisory_unlock(4711)");
  await waiting;
  for (const client of clients) await client.end();
}

describe("the watch over a database", () => {
  test("a wait for a lock is told with its tree, as metrics, and once as an event that becomes a finding; without it nothing is", async () => {
    monitor = open({ ...usualLimits, blockedMs: 0 });
    expect((await monitor.report()).watch?.activity.blocking).toEqual([]);
    expect(await metricsText()).toMatch(/^holdfast_database_blocked\{what="sessions"\} 0$/m);
    expect(events).toEqual([]);
    await heldUp(async () => {
      now += 2_000;
      const { watch } = await monitor.report();
      expect(watch?.activity.blocking).toMatchObject([{ blocks: [{ session: { waitType: "Lock" } }] }]);
      await monitor.watch();
      const text = await metricsText();
      expect(text).toMatch(/^holdfast_database_blocked\{what="sessions"\} 1$/m);
      expect(text).toMatch(/^holdfast_database_blocked\{what="depth"\} 2$/m);
      expect(text).toMatch(/^holdfast_database_seconds\{what="longest_blocked"\} 0\.\d+/m);
      expect(text).toMatch(/^holdfast_database_waits\{type="Lock"\} 1$/m);
    });
    expect(events.map(({ name }) => name)).toEqual(["database.blocked"]);
    expect(found()).toMatchObject([{ rule: "database-blocked", scope: "database" }]);
    await monitor.watch();
    expect(await metricsText()).not.toMatch(/holdfast_database_waits\{type="Lock"\}/);
    await heldUp(() => monitor.watch());
    expect(events).toHaveLength(2);
  });

  test("a slow statement is told with its role and no value, in the answer, in metrics and in events; a fast one is not slow", async () => {
    monitor = open({ ...usualLimits, slowMeanMs: 50, slowCalls: 2 });
    const pool = ground.pool();
    for (const seconds of [0.1, 0.1, 0.1]) {
      await asSubject(pool, null, { text: `select pg_sleep(${seconds}) as slow, '${CANARY}'` });
      await asSubject(pool, null, { text: "select 1 as fast, $1::text", values: [CANARY] });
    }
    const report = await monitor.report();
    const slow = report.study?.statements.find(({ text }) => text.includes("as slow"));
    expect(slow).toMatchObject({ role: "anon", calls: 3 });
    expect(events).toMatchObject([{ name: "database.slow", detail: { statement: slow?.id, role: "anon", calls: 3 } }]);
    expect(found()).toMatchObject([{ rule: "database-slow", group: `${slow?.id} anon` }]);
    const text = await metricsText();
    expect(text).toMatch(/^holdfast_database_statement_seconds\{role="anon"\} 0\.3/m);
    expect(text).toMatch(/^holdfast_database_statement_calls\{role="anon"\} [1-9]/m);
    expect(text).toMatch(/^holdfast_database_policy_share\{role="anon"\} 0$/m);
    expect(text).toMatch(/^holdfast_database_seconds\{what="study"\} 0\.\d+/m);
    for (const told of [JSON.stringify(report), text, JSON.stringify(events)]) expect(told).not.toContain(CANARY);
    // Nobody called it since: it is not slow any more, and told anew when it is.
    await monitor.study();
    expect(events).toHaveLength(1);
  });

  test("a known growth is found from stored sizes, and warned of once the disk is soon full; two samples prove nothing", async () => {
    monitor = open({ ...usualLimits, daysLeft: Number.POSITIVE_INFINITY });
    await monitor.measureSize();
    expect(monitor.known().growth.forecast).toMatchObject({ kind: "unproven" });
    expect(await metricsText()).not.toMatch(/what="days_left"/);
    const bytes = monitor.known().growth.bytes ?? 0;
    const administrator = await ground.administrator();
    await administrator.query(
      `insert into platform.database_size select to_timestamp($1::numeric / 1000) - n * interval '1 hour', $2::bigint - n * 1000, '{}' from generate_series(1, 100) n`,
      [START, bytes],
    );
    now += SIZE_MS;
    await monitor.measureSize();
    const { growth } = await monitor.report();
    expect(growth.forecast).toMatchObject({ kind: "fitted", samples: 102 });
    if (growth.forecast.kind !== "fitted") throw new Error("unproven");
    expect(growth.forecast.bytesPerDay / 24_000).toBeCloseTo(1, 1);
    expect(growth.diskFree).toBeGreaterThan(0);
    expect(growth.forecast.daysLeft).toBeCloseTo((growth.diskFree ?? 0) / growth.forecast.bytesPerDay, 6);
    expect(await metricsText()).toMatch(/^holdfast_database_size\{what="days_left"\} /m);
    expect(found()).toMatchObject([{ rule: "database-filling" }]);
    now += 91 * DAY_MS;
    await monitor.measureSize();
    const { rows } = await administrator.query("select count(*)::int as count from platform.database_size");
    expect(rows).toEqual([{ count: 1 }]);
  });

  test("a connection that was cut is opened anew; meanwhile the report says why it is old", async () => {
    monitor = open();
    await monitor.report();
    const administrator = await ground.administrator();
    await administrator.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and usename = current_user",
    );
    now += 60_000;
    const { failing, watch } = await monitor.report();
    expect(failing).not.toBeNull();
    expect(watch).not.toBeNull();
    expect(await monitor.report()).toMatchObject({ failing: null, watch: { at: now } });
  });
});
