// Backups as the platform makes them, on a cluster of their own: the clock stands still unless a test moves it.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecurityEvent } from "@holdfast/policy";
import type { BackupTarget } from "@holdfast/postgres";
import { type DatabasePool, type PreparedDatabase, prepareDatabase } from "@holdfast/postgres";
import { type BackupRoom, openBackupRoom } from "@holdfast/postgres/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventRules, findingsIn } from "../detection/event-rules.ts";
import { openChainedLog } from "../store/chained-log.ts";
import { platformMigrations } from "../store/migrations.ts";
import { BackupJobs } from "./backup-jobs.ts";
import type { BackupParts } from "./backup-parts.ts";
import { startBackups } from "./backups.ts";
import { type DrillSigner, openDrillSigner } from "./drill-report.ts";
import { beatHeart, verifyHeartbeats } from "./heartbeat.ts";
import { readDrills } from "./stored-drills.ts";

const HOUR_MS = 3_600_000;
let room: BackupRoom;
let prepared: PreparedDatabase;
let pool: DatabasePool;
let signer: DrillSigner;
let ahead = 0;
let events: SecurityEvent[] = [];

beforeAll(async () => {
  room = await openBackupRoom();
  prepared = await prepareDatabase(room.cluster, {
    database: "content",
    secrets: async (name) => `secret of ${name}`,
    migrationSets: [platformMigrations],
  });
  pool = prepared.pool("holdfast_platform");
  const secrets = new Map<string, string>();
  signer = await openDrillSigner({
    async secret(name, make = () => "") {
      secrets.set(name, secrets.get(name) ?? make());
      return secrets.get(name) as string;
    },
  });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await room.close();
});
beforeEach(() => {
  events = [];
  ahead = 0;
});

const parts = (change: Partial<BackupParts> = {}): BackupParts => ({
  continuity: {
    backups: { everySeconds: 3_600, keepSeconds: 7_200, fullEverySeconds: null },
    recoveryPointSeconds: 300,
    recoveryTimeSeconds: 900,
    degradeAfterSeconds: null,
    replicas: 0,
  },
  policyHash: "a hash",
  target: room.target,
  keys: room.keys,
  backupSettings: room.settings,
  slot: "a_test_slot",
  settings: (database, role) => room.cluster.settings(database, role),
  databaseName: "content",
  database: pool,
  dataDirectory: room.folder,
  inspect: async () => [],
  plant: async () => undefined,
  signer,
  emit: (event) => events.push(event),
  now: () => Date.now() + ahead,
  random: () => 0.5,
  onJobEnd: () => undefined,
  ...change,
});

const named = (): string[] => events.map(({ name }) => name);
const drills = async () => [...(await readDrills(room.target, signer, new Map())).values()];

test("a backup is made when it is due, restored on trial, and made again an interval later", async () => {
  const jobs = new BackupJobs(parts());
  try {
    await jobs.tick();
    await jobs.settled();
    expect(named()).toEqual(["backup.made", "backup.drill-passed"]);
    const [drill] = await drills();
    expect(drill?.report).toMatchObject({ result: "passed", policyHash: "a hash" });
    expect(drill?.report.steps.map(({ name, result }) => `${name} ${result}`)).toEqual([
      "archive held",
      "files held",
      "recovery held",
      "heartbeat held",
      "logs held",
      "pages held",
      "time held",
    ]);
    expect(events[1]?.detail?.["signature"]).toBe(drill?.signed.signature);
    await jobs.tick();
    expect(jobs.running).toBeNull();
    ahead = HOUR_MS + 1_000;
    await jobs.tick();
    expect(jobs.running).toMatchObject({ kind: "backup" });
    await jobs.stop(); // A job that is ended half way leaves nothing.
    expect((await readdir(room.folder)).filter((name) => name.startsWith("drill-"))).toEqual([]);
  } finally {
    await jobs.stop();
  }
}, 60_000);

test("a drill that somebody changed counts no more", async () => {
  const [drill] = await drills();
  const path = join(room.folder, "target", "drills", `${drill?.report.id}.json`);
  const before = await readFile(path, "utf8");
  await writeFile(path, before.replace("0.5 s", "0.4 s").replace('passed\\"', 'passed \\"'));
  expect((await drills()).map(({ report }) => report.id)).not.toContain(drill?.report.id);
  await writeFile(path, before);
  expect((await drills()).map(({ report }) => report.id)).toContain(drill?.report.id);
});

test("one changed bit in the target, and the drill fails, the backup is no proof, and somebody is told", async () => {
  const backups = startBackups({ ...parts(), isAutomatic: false, onFailure: () => undefined });
  try {
    const newest = (await backups.status()).backups[0];
    expect(newest?.state).toBe("proven");
    const piece = join(room.folder, "target", "base", newest?.id ?? "", "piece-00000");
    const content = await readFile(piece);
    content[4_000] = (content[4_000] as number) ^ 1;
    await writeFile(piece, content);
    expect(backups.request("drill")).toMatchObject({ kind: "drill" });
    await expect.poll(async () => (await backups.status()).running, { timeout: 20_000 }).toBeNull();
    const { backups: listed, newestDrill } = await backups.status();
    expect(listed[0]).toMatchObject({ id: newest?.id, state: "failed" });
    expect(newestDrill?.steps.at(-1)).toMatchObject({
      name: "files",
      result: "broken",
      seen: expect.stringContaining("piece-damaged"),
    });
    expect(named()).toEqual(["backup.drill-failed"]);
    const rules = eventRules({ failedLogins: { atLeast: 1, windowSeconds: 1 } });
    const event = { seq: 1, name: "backup.drill-failed", at: 1, address: null, subject: null, detail: {} };
    expect(findingsIn(rules, event)).toMatchObject([{ rule: "backup-drill-failed", severityId: 5 }]);
  } finally {
    await backups.stop();
  }
}, 60_000);

test("a server that refuses is told as a failure, and as late when the time has passed; a clock that jumps alone is not", async () => {
  const jobs = new BackupJobs(parts({ backupSettings: { ...room.settings, password: "another" } }));
  try {
    ahead = 3 * HOUR_MS;
    await jobs.tick();
    await jobs.settled();
    expect(named()).toContain("backup.failed");
    expect(events.find(({ name }) => name === "backup.failed")?.reason).toBe("backup/not-allowed");
    expect(named()).not.toContain("backup.late");
    for (let minute = 0; minute < 8; minute += 1) {
      ahead += 60_000;
      await jobs.tick();
      await jobs.settled();
    }
    expect(events.filter(({ name, reason }) => name === "backup.late" && reason === "backup")).toHaveLength(1);
  } finally {
    await jobs.stop();
  }
}, 60_000);

test("with recovery point 0 a commit waits for the archive; away for longer than the policy says it goes on without, is told, and waits again", async () => {
  let isAway = false;
  const put: BackupTarget["put"] = (name, content) =>
    isAway && name.startsWith("log/")
      ? Promise.reject(new Error("the target is away"))
      : room.target.put(name, content);
  const { continuity } = parts();
  const jobs = new BackupJobs(
    parts({
      continuity: { ...continuity, recoveryPointSeconds: 0, degradeAfterSeconds: 600 },
      waitForArchive: room.cluster.waitForArchive,
      target: { ...room.target, put },
    }),
  );
  const waits = async () =>
    (await room.client.query("show synchronous_standby_names")).rows[0].synchronous_standby_names;
  const writer = await room.connect();
  try {
    await jobs.tick();
    await expect.poll(waits, { timeout: 10_000 }).toBe("holdfast_archive");
    await writer.query("create table if not exists acknowledged (id int)");
    await jobs.settled();
    isAway = true;
    let isDone = false;
    const write = writer.query("insert into acknowledged values (1)").then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 500));
    ahead = 500_000;
    await jobs.tick();
    expect([isDone, named().includes("backup.log-degraded")]).toEqual([false, false]);
    // The platform's own log goes on meanwhile: what happens now must be told now.
    const log = await openChainedLog({
      database: pool,
      table: "event",
      sealedHead: { read: async () => null, write: async () => undefined },
      sequenceOf: (body) => JSON.parse(body).seq,
    });
    await log.append([(seq) => JSON.stringify({ seq, time: 1, metadata: { event_code: "backup.late" } })]);
    expect(isDone).toBe(false);
    ahead = 700_000;
    await jobs.tick();
    await write;
    expect(named()).toContain("backup.log-degraded");
    isAway = false;
    ahead = 0;
    await expect
      .poll(async () => [await jobs.tick(), named()].flat(), { timeout: 30_000, interval: 300 })
      .toContain("backup.log-restored");
    await expect.poll(waits).toBe("holdfast_archive");
    await writer.query("insert into acknowledged values (2)");
  } finally {
    await jobs.stop();
    await writer.end();
  }
  await expect.poll(waits).toBe(""); // Nobody archives any more, and nothing waits for it.
}, 60_000);

test("a clock that was set back expires nothing, and does not stop backups", async () => {
  const jobs = new BackupJobs(parts());
  try {
    ahead = -100 * HOUR_MS;
    const before = (await room.target.list("base/")).length;
    await jobs.tick();
    expect(jobs.running).toMatchObject({ kind: "backup" });
    await jobs.stop();
    expect(await room.target.list("base/")).toHaveLength(before);
  } finally {
    await jobs.stop();
  }
}, 60_000);

test("the earliest moment of a backup's window has a beat of the heart, also where none has beaten before", async () => {
  const client = await prepared.administrator();
  await client.query("delete from platform.heartbeat");
  await client.end();
  const jobs = new BackupJobs(parts({ random: () => 0 }));
  try {
    jobs.request("backup");
    await jobs.settled();
    expect(named(), JSON.stringify(events)).toContain("backup.drill-passed");
  } finally {
    await jobs.stop();
  }
}, 60_000);

test("the heartbeat follows by its hashes, and a row that was changed is found", async () => {
  for (let beat = 0; beat < 3; beat += 1) await beatHeart(pool);
  const sound = await verifyHeartbeats(pool);
  expect(sound.brokenAt).toBeUndefined();
  const client = await prepared.administrator();
  await client.query("update platform.heartbeat set at = at - interval '1 second' where seq = $1", [
    (sound.newest?.seq ?? 0) - 1,
  ]);
  await client.end();
  expect(await verifyHeartbeats(pool)).toMatchObject({ brokenAt: (sound.newest?.seq ?? 0) - 1 });
});
