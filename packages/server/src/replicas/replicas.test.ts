// Replicas as the platform opens them: standbys of its own, servers that were named, and what is told when one is lost.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { SecurityEvent } from "@holdfast/policy";
import { BACKUP_PASSWORD_NAME, type Cluster, parseDatabaseUrl } from "@holdfast/postgres";
import { openReplicaRoom, REPLICA_ROOM_PASSWORD, type ReplicaRoom } from "@holdfast/postgres/testing";
import type { Vault } from "@holdfast/vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventRules, findingsIn } from "../detection/event-rules.ts";
import { testPolicy } from "../testing/test-policy.ts";
import { openReplicas, type ReplicaSettings, type Replicas } from "./replicas.ts";

const SECOND_MS = 1_000;
const PATIENCE = { timeout: 10_000 };
const ada = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated", session_id: randomUUID() };
const WHO = { text: "select holdfast.subject_id()::text as who" };

let room: ReplicaRoom;
/** Kept small, so that a standby that is away is too old after a few writes. What is not summarised yet would be kept as well. */
beforeAll(async () => {
  room = await openReplicaRoom({
    max_slot_wal_keep_size: "48MB",
    max_wal_size: "32MB",
    min_wal_size: "32MB",
    summarize_wal: "off",
  });
});
afterAll(() => room.close());

interface Opened extends Replicas {
  readonly events: readonly SecurityEvent[];
  /** Each as its name, its reason and its replica. */
  told(): string[];
}

async function open(
  wanted: number,
  settings: Partial<ReplicaSettings> = {},
  cluster: Cluster = room.primary,
): Promise<Opened> {
  const events: SecurityEvent[] = [];
  const secrets: Record<string, string> = {
    [BACKUP_PASSWORD_NAME]: "a password of the backup role",
    "postgres-superuser": REPLICA_ROOM_PASSWORD,
  };
  const replicas = await openReplicas(
    { directory: join(room.folder, "replicas"), ...settings },
    {
      policy: { ...testPolicy, continuity: { ...testPolicy.continuity, replicas: wanted } },
      vault: { secret: async (name: string) => secrets[name] } as unknown as Vault,
      cluster,
      database: room.database,
      pool: room.pool,
      emit: (event) => events.push(event),
      now: Date.now,
    },
  );
  const told = () => events.map(({ name, reason, detail }) => `${name} ${reason ?? "–"} ${detail?.["replica"]}`);
  return { ...replicas, events, told };
}

const statesOf = ({ status }: Replicas) => status().replicas.map(({ name, state }) => `${name} ${state}`);
const reads = (replicas: Replicas) => replicas.router?.read(ada, WHO).then(({ rows }) => rows);
const kill = (name: string) => room.kill(join("replicas", name));

/** More log than the primary keeps for anybody. */
async function writeMuch(): Promise<void> {
  for (let segment = 0; segment < 6; segment += 1) {
    await room.administrator.query("select pg_logical_emit_message(false, 'much', repeat('x', 100))");
    await room.administrator.query("select pg_switch_wal()");
  }
  await room.administrator.query("checkpoint");
}

test("the policy's replicas are started and read from; one that is killed is an event and an alert", async () => {
  const replicas = await open(2);
  expect(statesOf(replicas)).toEqual(["standby_1 following", "standby_2 following"]);
  expect(replicas.told().toSorted()).toEqual([
    "replica.following following standby_1",
    "replica.following following standby_2",
  ]);
  for (let read = 0; read < 4; read += 1) expect(await reads(replicas)).toEqual([{ who: ada.sub }]);
  expect(replicas.status().reads).toMatchObject({ replica: 4, primary: 0 });

  await kill("standby_1");
  await expect.poll(() => statesOf(replicas), PATIENCE).toEqual(["standby_1 away", "standby_2 following"]);
  expect(replicas.told()).toContain("replica.lost away standby_1");
  const rules = eventRules(testPolicy.monitoring);
  const lost = replicas.events.findIndex(({ name }) => name === "replica.lost");
  const { name, at, detail } = replicas.events[lost] as SecurityEvent;
  const found = findingsIn(rules, { seq: 1, name, at, address: null, subject: null, detail: { ...detail } });
  expect(found).toMatchObject([{ rule: "replica-lost", group: "standby_1" }]);
  expect(await reads(replicas)).toEqual([{ who: ada.sub }]);
  await replicas.stop();
});

test("a replica goes on from what it has; log kept for one that is away is told before it is too much, and one that is too old is copied anew", async () => {
  const progress: string[] = [];
  const replicas = await open(1, { keptBytesMax: 8 * 1024 * 1024, progress: (message) => progress.push(message) });
  expect(progress).toEqual([]);
  await kill("standby_1");
  await expect.poll(() => statesOf(replicas), PATIENCE).toEqual(["standby_1 away"]);
  expect(replicas.told().filter((line) => line.startsWith("replica.log-kept"))).toEqual([]);
  await room.administrator.query("select pg_logical_emit_message(false, 'much', repeat('x', 12000000))");
  await expect.poll(() => replicas.told(), PATIENCE).toContain("replica.log-kept – standby_1");
  const { name, at, detail } = replicas.events.at(-1) as SecurityEvent;
  const rules = eventRules(testPolicy.monitoring);
  expect(findingsIn(rules, { seq: 1, name, at, address: null, subject: null, detail: { ...detail } })).toMatchObject([
    { rule: "replica-log-kept", group: "standby_1" },
  ]);
  await replicas.stop();

  await writeMuch();
  const slot = "select wal_status from pg_replication_slots where slot_name = 'standby_1'";
  expect((await room.administrator.query(slot)).rows).toEqual([{ wal_status: "lost" }]);
  const again = await open(1, { progress: (message) => progress.push(message) });
  expect(progress).toEqual(["copying the database for the standby standby_1"]);
  expect(statesOf(again)).toEqual(["standby_1 following"]);
  await again.stop();
});

test("servers that are named are read from as long as they follow, and no longer once they are too old", async () => {
  const standby = await room.standby("named");
  const { host } = standby.settings("app") as { host: string };
  const administrator = room.primary.settings("app");
  const url = `postgres://${administrator.user}:${encodeURIComponent(REPLICA_ROOM_PASSWORD)}@localhost/app?host=${host}`;
  const { settings } = await parseDatabaseUrl(url);
  const named = {
    name: "replica_1",
    settings: (database: string, role?: object) => ({ ...settings, database, ...role }),
  };
  const replicas = await open(2, { given: [named] }, { ...room.primary, kind: "given" });
  expect(statesOf(replicas)).toEqual(["replica_1 following"]);
  expect(replicas.told()).toEqual(["replica.lost not-started standby_2", "replica.following following replica_1"]);
  expect(await reads(replicas)).toEqual([{ who: ada.sub }]);
  expect(replicas.status()).toMatchObject({ wanted: 2, replicas: [{ slot: "reserved" }], reads: { replica: 1 } });

  // Its connection to the primary is lost, and the primary removes what it had not received.
  await room.administrator.query("alter role holdfast_backup nologin");
  await room.administrator.query("select pg_terminate_backend(pid) from pg_stat_replication");
  await writeMuch();
  await expect.poll(() => statesOf(replicas), PATIENCE).toEqual(["replica_1 astray"]);
  await expect.poll(() => replicas.status().replicas[0]?.slot, PATIENCE).toBe("lost");
  expect(await reads(replicas)).toEqual([{ who: ada.sub }]);
  expect(replicas.status().reads).toMatchObject({ replica: 1, primary: 1 });
  await room.administrator.query("alter role holdfast_backup login");
  await wait(SECOND_MS);
  expect(statesOf(replicas)).toEqual(["replica_1 astray"]);
  await replicas.stop();
});
