import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type AuditRoom, openAuditRoom } from "../testing/audit-room.ts";
import { startTestCluster, type TestCluster } from "../testing/test-cluster.ts";
import { type TestDatabase, testDatabaseAt } from "../testing/test-database.ts";
import { type AcceptOptions, acceptRestore } from "./accept-restore.ts";
import { acceptedRestores } from "./accepted-restores.ts";

let cluster: TestCluster;
let database: TestDatabase;
let room: AuditRoom;
let lost: string;

// A cluster of its own: a leaf gets its place once no older transaction goes on, in any database of the cluster.
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  database = await testDatabaseAt(cluster.address);
  room = await openAuditRoom(database);
  await room.write(4);
  await room.build();
  await room.write(3);
  await room.build();
  lost = room.kept.note ?? "";
  await room.putBack(4);
});
afterEach(() => database.drop());

const accept = (changes: Partial<AcceptOptions> = {}) => {
  const { platform, signer, kept } = room;
  const record = { text: "restored at noon", until: Date.now() };
  return acceptRestore({ database: platform, signer, kept, person: "ada", reason: "disk", record, at: 1, ...changes });
};
const kinds = async (...more: readonly string[]) =>
  (await room.verify([room.kept.note ?? "", ...more])).faults.map(({ kind }) => kind);

test("a restore that nobody accepted stops the log; one that was accepted is a leaf, and the log goes on", async () => {
  await room.write(1);
  expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "rolled-back", position: 7 } });
  const accepted = await accept();
  expect(accepted).toMatchObject({ fork: 1, size: 4, abandoned: lost, person: "ada", reason: "disk" });
  expect(await kinds()).toEqual([]);
  expect(await room.build()).toEqual({ size: 6, added: 2, fault: undefined });
  await room.write(2);
  await room.build();
  expect(await kinds()).toEqual([]);
  expect(await acceptedRestores(room.platform, room.signer)).toEqual([accepted]);
  expect(room.signer.open(room.kept.note ?? "")).toMatchObject({ size: 8, forks: [{ size: 4 }] });
});

test("a checkpoint of what was given up stays genuine, and counts as that; on the tree that is left none may differ", async () => {
  await accept();
  await room.build();
  await room.write(6);
  await room.build();
  expect(await room.verify([room.kept.note ?? "", lost])).toMatchObject({ abandoned: 1, faults: [] });
  const forged = room.signer.sign({ size: 4, root: Buffer.alloc(32), forks: [] });
  expect(await kinds(forged)).toContain("forked");
  const elsewhere = [{ size: 3, evidence: "00".repeat(32) }];
  expect(await kinds(room.signer.sign({ size: 9, root: Buffer.alloc(32), forks: elsewhere }))).toContain("forked");
});

test("a restore of a restore, to before the first was accepted, is accepted as well", async () => {
  await accept();
  await room.write(2);
  await room.build();
  const second = room.kept.note ?? "";
  await room.putBack(4);
  expect(await room.build()).toMatchObject({ fault: { kind: "rolled-back" } });
  expect(await accept()).toEqual({ refused: "evidence-used" });
  expect(await accept({ record: { text: "restored at one", until: Date.now() } })).toMatchObject({ fork: 2 });
  await room.write(9);
  await room.build();
  expect(await room.verify([room.kept.note ?? "", lost, second])).toMatchObject({ abandoned: 2, faults: [] });
});

test("nothing is accepted where nothing was put back, of a log that is damaged, or by a record of another moment", async () => {
  expect(await accept({ record: { text: "restored in 1970", until: 1_000 } })).toEqual({ refused: "evidence-other" });
  await room.tamper("UPDATE holdfast_keeper.audit_leaves SET entry = replace(entry, 'insert', 'delete')");
  expect(await accept()).toEqual({ refused: "damaged" });
  expect(room.kept.note).toBe(lost);
  await room.tamper("UPDATE holdfast_keeper.audit_leaves SET entry = replace(entry, 'delete', 'insert')");
  expect(await accept()).toMatchObject({ fork: 1 });
  expect(await accept({ record: { text: "again", until: Date.now() } })).toEqual({ refused: "not-rolled-back" });
});

test("a fork without its statement is found, and so is a statement that somebody else wrote", async () => {
  await accept();
  await room.build();
  await room.tamper("DELETE FROM holdfast_keeper.audit_restores");
  expect(await kinds()).toEqual(["unaccepted"]);
  await room.tamper("SELECT holdfast_keeper.record_restore('I allow it')");
  await room.build();
  expect(await kinds()).toEqual(["unaccepted"]);
});

test("killed before the checkpoint was kept, the log stays stopped until it is accepted again", async () => {
  const { kept } = room;
  const dying = { read: kept.read, write: () => Promise.reject(new Error("killed")) };
  await expect(accept({ kept: dying })).rejects.toThrow("killed");
  expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "rolled-back" } });
  expect(await accept()).toMatchObject({ fork: 1 });
  expect(await room.build()).toMatchObject({ size: 6, fault: undefined });
  expect(await kinds()).toEqual([]);
});

test.each(["holdfast_api", "authenticated", "holdfast_owner", "service_role"])(
  "%s writes no statement",
  async (role) => {
    await room.tamper(`SET ROLE ${role}`);
    await expect(room.tamper("SELECT holdfast_keeper.record_restore('I allow it')")).rejects.toMatchObject({
      code: "42501",
    });
  },
);
