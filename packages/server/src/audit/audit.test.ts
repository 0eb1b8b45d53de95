import type { SecurityEvent } from "@holdfast/policy";
import {
  type AuditRoom,
  openAuditRoom,
  startTestCluster,
  type TestCluster,
  type TestDatabase,
  testDatabaseAt,
} from "@holdfast/postgres/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventRules, findingsIn } from "../detection/event-rules.ts";
import { type Audit, startAudit } from "./audit.ts";
import { keptCheckpoint, openAuditSigner } from "./audit-signer.ts";
import { openRestoreRecords, type RestoreRecords } from "./restore-record.ts";

let cluster: TestCluster;
let database: TestDatabase;
let room: AuditRoom;
let audit: Audit;
let events: SecurityEvent[];
let records: RestoreRecords;

// A cluster of its own: a leaf gets its place once no older transaction goes on, in any database of the cluster.
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  database = await testDatabaseAt(cluster.address);
  room = await openAuditRoom(database);
  events = [];
  const secrets = new Map<string, string>();
  const vault = {
    secret: async (name: string, make: () => string = () => "") => {
      if (!secrets.has(name)) secrets.set(name, make());
      return secrets.get(name) ?? "";
    },
    latestSecret: async (name: string) => secrets.get(name),
    replaceSecret: async (name: string, value: string) => void secrets.set(name, value),
  };
  records = await openRestoreRecords(vault);
  audit = startAudit({
    database: room.platform,
    signer: await openAuditSigner(vault, database.name),
    kept: keptCheckpoint(vault, database.name),
    records,
    isAutomatic: false,
    emit: (event) => events.push(event),
    now: () => 1_000,
    onFailure: () => undefined,
  });
});
afterEach(async () => {
  await audit.stop();
  await database.drop();
});

test("pages show what was committed a moment ago, newest first, of one row where one is named", async () => {
  const keys = await room.write(5);
  const first = await audit.page({ limit: 2 });
  expect(first.entries.map(({ position, key }) => [position, key])).toEqual([
    [4, keys[4]],
    [3, keys[3]],
  ]);
  expect(first).toMatchObject({ size: 5, next: 3, fault: null, checkpoint: expect.stringContaining("\n5\n") });
  const rest = await audit.page({ limit: 3, cursor: first.next ?? undefined });
  expect(rest).toMatchObject({ next: null, entries: [{ key: keys[2] }, { key: keys[1] }, { key: keys[0] }] });
  expect((await audit.page({ table: "public.note", key: keys[2] })).entries).toMatchObject([
    { action: "insert", subject: null, actor: null, columns: null, before: null },
  ]);
  expect((await audit.page({ table: "public.other" })).entries).toEqual([]);
});

test("a whole log is no event; one that was tampered with is an event and an alert, once", async () => {
  await room.write(4);
  expect(await audit.verify()).toMatchObject({ intact: true, size: 4, checkpoints: 2, faults: [] });
  expect(events).toEqual([]);
  await room.tamper("DELETE FROM holdfast_keeper.audit_leaves WHERE id = 2");
  expect(await audit.verify()).toMatchObject({ intact: false, faults: [{ kind: "removed", position: 1 }] });
  await audit.verify();
  expect(events).toMatchObject([{ name: "audit.tampered", reason: "removed", detail: { position: 1 } }]);
  const rules = eventRules({ failedLogins: { atLeast: 5, windowSeconds: 60 } });
  const seen = { seq: 7, name: "audit.tampered", at: 1_000, address: null, subject: null, detail: { position: 1 } };
  expect(findingsIn(rules, seen)).toMatchObject([
    { rule: "audit-tampered", severityId: 5, evidence: [7], sentence: expect.stringContaining("leaf 1") },
  ]);
});

test("a leaf that was written over with nonsense is an event, and hides no other", async () => {
  const keys = await room.write(3);
  await audit.page({});
  await room.tamper("UPDATE holdfast_keeper.audit_leaves SET entry = 'no JSON' WHERE id = 2");
  expect((await audit.page({})).entries.map(({ key }) => key)).toEqual([keys[2], keys[0]]);
  expect(await audit.page({ limit: 2, cursor: 3 })).toMatchObject({ next: 1, entries: [{ key: keys[2] }] });
  expect(await audit.verify()).toMatchObject({ intact: false, faults: [{ kind: "changed", position: 1 }] });
  expect(events).toMatchObject([{ name: "audit.tampered", reason: "changed" }]);
});

test("a database that was put back grows no further, and says so", async () => {
  await room.write(2);
  await audit.page({});
  await room.tamper(
    "TRUNCATE holdfast_keeper.audit_leaves, holdfast_keeper.audit_positions, holdfast_keeper.audit_checkpoints",
  );
  await room.write(1);
  expect(await audit.page({})).toMatchObject({ size: 0, fault: { kind: "rolled-back", position: 2 } });
  expect(events).toMatchObject([{ name: "audit.tampered", reason: "rolled-back" }]);
});

test("a restore is accepted by a record that was signed here, once, and is an event; any other leaves the log stopped", async () => {
  await room.write(2);
  await audit.page({});
  await room.write(1);
  await audit.page({});
  await room.putBack(2);
  expect(await audit.page({})).toMatchObject({ fault: { kind: "rolled-back" } });
  const restored = { backup: "b1", to: null, lastCommitAt: Date.now(), at: Date.now() };
  const record = records.sign(restored);
  const forged = record.replace('"b1"', '"b2"');
  const accept = (text: string) => audit.accept({ person: "ada", reason: "the disk died", record: text });
  expect(await accept(forged)).toEqual({ refused: "evidence-forged" });
  expect(await audit.page({})).toMatchObject({ size: 2, restores: [], fault: { kind: "rolled-back" } });
  events.length = 0;
  expect(await accept(record)).toMatchObject({ fork: 1, size: 2, person: "ada" });
  expect(events).toMatchObject([{ name: "audit.restore-accepted", subject: "ada", reason: "the disk died" }]);
  expect(await audit.page({})).toMatchObject({
    size: 3,
    fault: null,
    restores: [{ fork: 1, reason: "the disk died" }],
    entries: [{ action: "restore", position: 2 }, { position: 1 }, { position: 0 }],
  });
  expect(await audit.verify()).toMatchObject({ intact: true });
  expect(await accept(record)).toEqual({ refused: "not-rolled-back" });
});

test("checkpoints are listed, a row is proven, and growth is proven between two of them, not backwards", async () => {
  const [key = ""] = await room.write(2);
  await audit.page({});
  await room.write(3);
  const { checkpoints, next } = await audit.checkpoints({ limit: 1 });
  expect([checkpoints.map(({ size }) => size), next]).toEqual([[5], 5]);
  expect((await audit.checkpoints({ cursor: 5 })).checkpoints.map(({ size }) => size)).toEqual([2]);
  expect(await audit.prove({ table: "public.note", key })).toMatchObject({ leaves: [{ position: 0, holds: true }] });
  expect(await audit.consistency({ from: 2, to: undefined })).toMatchObject({ holds: true });
  expect(await audit.consistency({ from: 5, to: 2 })).toBeNull();
  expect(await audit.consistency({ from: 3, to: 5 })).toBeNull();
});
