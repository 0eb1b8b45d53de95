import { generateKeyPairSync } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AuditRoom, openAuditRoom } from "../testing/audit-room.ts";
import { startTestCluster, type TestCluster } from "../testing/test-cluster.ts";
import { type TestDatabase, testDatabaseAt } from "../testing/test-database.ts";
import type { auditFaults } from "./audit-fault.ts";
import { checkpointSigner } from "./checkpoint.ts";
import { proveRow } from "./prove-row.ts";

let cluster: TestCluster;
let database: TestDatabase;
let room: AuditRoom;

// A cluster of its own: a leaf gets its place once no older transaction goes on, in any database of the cluster.
beforeAll(async () => {
  cluster = await startTestCluster();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  database = await testDatabaseAt(cluster.address);
  room = await openAuditRoom(database);
});
afterEach(() => database.drop());

describe("the tree", () => {
  test("holds every committed leaf in the order of its transaction, and a row's leaves are proven", async () => {
    const [key] = await room.write(3);
    expect(await room.build()).toEqual({ size: 3, added: 3, fault: undefined });
    await room.tamper(`UPDATE public.note SET text = 'other' WHERE id = '${key}'`);
    expect(await room.build()).toEqual({ size: 4, added: 1, fault: undefined });
    expect(await room.build()).toEqual({ size: 4, added: 0, fault: undefined });
    expect(await room.verify()).toMatchObject({ size: 4, checkpoints: 3, faults: [] });
    const proof = await proveRow(room.platform, room.signer, { table: "public.note", key: key as string });
    expect(proof?.leaves.map(({ position, holds }) => [position, holds])).toEqual([
      [0, true],
      [3, true],
    ]);
    expect(proof?.checkpoint).toBe(room.kept.note);
    const none = await proveRow(room.platform, room.signer, { table: "public.note", key: crypto.randomUUID() });
    expect(none?.leaves).toEqual([]);
  });

  test("waits for a transaction that began earlier and may still commit, and puts nothing between what has its place", async () => {
    const slow = await database.administrator();
    await slow.query("BEGIN");
    await slow.query("INSERT INTO public.note VALUES (gen_random_uuid(), gen_random_uuid(), 'slow')");
    await room.write(2);
    expect(await room.build()).toMatchObject({ size: 0, added: 0 });
    await slow.query("COMMIT");
    expect(await room.build()).toMatchObject({ size: 3, added: 3 });
    // One that is undone leaves a gap in the numbers, and that is no fault.
    await slow.query("BEGIN");
    await slow.query("INSERT INTO public.note VALUES (gen_random_uuid(), gen_random_uuid(), 'undone')");
    await slow.query("ROLLBACK");
    await room.write(1);
    expect(await room.build()).toMatchObject({ size: 4, added: 1 });
    expect((await room.verify()).faults).toEqual([]);
  });

  test("of several tiles is built in batches, by two builders at once, and proven out of the tiles", async () => {
    await room.tamper(
      "INSERT INTO public.note SELECT gen_random_uuid(), gen_random_uuid(), 'many' FROM generate_series(1, 700)",
    );
    const built = await Promise.all([room.build(100), room.build(100)]);
    expect(built.reduce((sum, { added }) => sum + added, 0)).toBe(700);
    const { rows } = await room.platform.query<{ tiles: string }>(
      "SELECT count(*) AS tiles FROM holdfast_keeper.audit_tiles",
    );
    expect(rows[0]?.tiles).toBe("2");
    expect(await room.verify()).toMatchObject({ size: 700, faults: [] });
    const { rows: keys } = await room.platform.query<{ row_key: string }>(
      "SELECT row_key FROM holdfast_keeper.audit_positions WHERE position IN (0, 255, 256, 511, 512, 699)",
    );
    for (const { row_key: key } of keys) {
      const proof = await proveRow(room.platform, room.signer, { table: "public.note", key });
      expect(proof?.leaves.map(({ holds }) => holds)).toEqual([true]);
    }
  });

  test("goes on where a builder was ended at any moment", async () => {
    await room.tamper(
      "INSERT INTO public.note SELECT gen_random_uuid(), gen_random_uuid(), 'many' FROM generate_series(1, 300)",
    );
    const administrator = await database.administrator();
    for (let at = 0; at < 6; at += 1) {
      const building = room.build(50).catch(() => undefined); // It is ended on purpose.
      await wait(at * 4);
      await administrator.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'holdfast_platform' AND datname = current_database()",
      );
      await building;
    }
    // The pool may hold a connection that was ended, and finds out by using it.
    expect(await room.build().catch(() => room.build())).toMatchObject({ size: 300, fault: undefined });
    expect((await room.verify()).faults).toEqual([]);
  });
});

describe("whoever owns the database and", () => {
  beforeEach(async () => {
    await room.write(6);
    await room.build(2);
    await room.write(1);
    await room.build();
  });

  const kinds = async (): Promise<readonly (keyof typeof auditFaults)[]> => [
    ...new Set((await room.verify()).faults.map(({ kind }) => kind)),
  ];
  const at = (position: number) =>
    `(SELECT transaction, id FROM holdfast_keeper.audit_positions WHERE position = ${position})`;
  const rehash = "hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))";

  test.each([
    [
      "changes a leaf",
      `UPDATE holdfast_keeper.audit_leaves SET entry = replace(entry, 'insert', 'update') WHERE (transaction, id) = ${at(2)}`,
      "changed",
    ],
    [
      "changes a leaf and its hash",
      `UPDATE holdfast_keeper.audit_leaves SET entry = '{}' WHERE (transaction, id) = ${at(2)}; UPDATE holdfast_keeper.audit_leaves SET ${rehash}`,
      "changed",
    ],
    [
      "makes a leaf unreadable",
      `UPDATE holdfast_keeper.audit_leaves SET entry = 'no JSON' WHERE (transaction, id) = ${at(2)}`,
      "changed",
    ],
    ["removes a leaf", `DELETE FROM holdfast_keeper.audit_leaves WHERE (transaction, id) = ${at(3)}`, "removed"],
    [
      "inserts a leaf before others",
      `INSERT INTO holdfast_keeper.audit_leaves (transaction, id, entry, salt, hash) OVERRIDING SYSTEM VALUE
         SELECT transaction, id + 100000, entry, salt, hash FROM holdfast_keeper.audit_leaves WHERE (transaction, id) = ${at(1)}`,
      "inserted",
    ],
    [
      "gives two leaves each other's places",
      `UPDATE holdfast_keeper.audit_positions p SET transaction = o.transaction, id = o.id, hash = o.hash, row_key = o.row_key
         FROM holdfast_keeper.audit_positions o WHERE (p.position, o.position) IN ((1, 4), (4, 1))`,
      "reordered",
    ],
    ["takes a place away", "DELETE FROM holdfast_keeper.audit_positions WHERE position = 3", "reordered"],
    [
      "points a place at another row",
      "UPDATE holdfast_keeper.audit_positions SET row_key = 'x' WHERE position = 3",
      "changed",
    ],
    [
      "changes a leaf, its hash and its place",
      `UPDATE holdfast_keeper.audit_leaves SET entry = replace(entry, 'insert', 'update') WHERE (transaction, id) = ${at(2)};
       UPDATE holdfast_keeper.audit_leaves SET ${rehash};
       UPDATE holdfast_keeper.audit_positions p SET hash = l.hash FROM holdfast_keeper.audit_leaves l WHERE p.transaction = l.transaction AND p.id = l.id`,
      "forked",
    ],
    ["forges a checkpoint", "UPDATE holdfast_keeper.audit_checkpoints SET note = replace(note, '7', '8')", "unsigned"],
    [
      "rolls the log back",
      `DELETE FROM holdfast_keeper.audit_leaves WHERE (transaction, id) = ${at(6)}; DELETE FROM holdfast_keeper.audit_positions WHERE position = 6;
       DELETE FROM holdfast_keeper.audit_checkpoints WHERE size = 7`,
      "rolled-back",
    ],
    [
      "removes every leaf, place and checkpoint",
      "TRUNCATE holdfast_keeper.audit_leaves, holdfast_keeper.audit_positions, holdfast_keeper.audit_checkpoints",
      "rolled-back",
    ],
  ] as const)("%s is found out", async (_, sql, kind) => {
    expect(await kinds()).toEqual([]);
    await room.tamper(sql);
    expect(await kinds()).toContain(kind);
  });

  test("forks the log gets no signature on the fork", async () => {
    await room.tamper(`UPDATE holdfast_keeper.audit_positions SET hash = sha256('x') WHERE position = 2`);
    await room.write(1);
    expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "forked" } });
    await room.tamper("TRUNCATE holdfast_keeper.audit_positions, holdfast_keeper.audit_checkpoints");
    expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "rolled-back", position: 7 } });
  });

  test("changes a leaf that has no place yet is found out when it would get one", async () => {
    await room.write(1);
    await room.tamper(
      "UPDATE holdfast_keeper.audit_leaves SET entry = '{}' WHERE transaction = (SELECT max(transaction) FROM holdfast_keeper.audit_leaves)",
    );
    expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "changed", position: 7 } });
  });

  test.each(["no JSON", "null", '{"table": 1}', '{"table": "public.note\\u0000"}'])(
    "plants a leaf that says nothing (%s) is found out when it would get its place",
    async (entry) => {
      await room.tamper(
        `INSERT INTO holdfast_keeper.audit_leaves (entry, salt, hash) VALUES ('${entry}', sha256('x'), sha256('\\x00'::bytea || convert_to('${entry}', 'UTF8')))`,
      );
      expect(await room.build()).toMatchObject({ added: 0, fault: { kind: "changed", position: 7 } });
    },
  );

  test("brings a key of another log along is found out: its checkpoint is unsigned", async () => {
    const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    room.kept.note = checkpointSigner("localhost/test/audit", pem).sign({ size: 7, root: Buffer.alloc(32), forks: [] });
    expect(await kinds()).toEqual(["unsigned"]);
  });
});

describe("whoever may write", () => {
  const history = async (key: string, table = "public.note") =>
    (await proveRow(room.platform, room.signer, { table, key }))?.leaves.map(({ entry }) => {
      const { action, columns, before, after } = JSON.parse(entry);
      return { action, columns, had: before !== null, has: after !== null };
    });

  test("and gives a row another key ends the one row and begins the other: nothing is hidden under a key of the moment", async () => {
    const [key = ""] = await room.write(1);
    const hidden = crypto.randomUUID();
    await room.tamper(`UPDATE public.note SET id = '${hidden}' WHERE id = '${key}';
      UPDATE public.note SET text = 'stolen' WHERE id = '${hidden}'; UPDATE public.note SET id = '${key}' WHERE id = '${hidden}'`);
    await room.build();
    const moved = { action: "update", columns: ["id"], had: true, has: true };
    expect(await history(key)).toEqual([
      { action: "insert", columns: null, had: false, has: true },
      { action: "delete", columns: null, had: true, has: false },
      moved,
    ]);
    expect(await history(hidden)).toEqual([
      moved,
      { ...moved, columns: ["text"] },
      { action: "delete", columns: null, had: true, has: false },
    ]);
    expect((await room.verify()).faults).toEqual([]);
  });

  test("chooses no key that keeps the tree from growing", async () => {
    const key = Array.from({ length: 84 }, () => crypto.randomUUID().replaceAll("-", "")).join("");
    await room.tamper(`CREATE TABLE public.named (name text PRIMARY KEY);
      CREATE TRIGGER holdfast_audit AFTER INSERT ON public.named FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('name');
      INSERT INTO public.named VALUES ('${key}')`);
    expect(await room.build()).toMatchObject({ added: 1, fault: undefined });
    expect(await history(key, "public.named")).toHaveLength(1);
  });

  test("by way of a partition is recorded under the table's own name", async () => {
    await room.tamper(`CREATE TABLE public.log (id integer PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE public.log_1 PARTITION OF public.log FOR VALUES FROM (1) TO (100) PARTITION BY RANGE (id);
      CREATE TRIGGER holdfast_audit AFTER INSERT OR UPDATE OR DELETE ON public.log FOR EACH ROW EXECUTE FUNCTION holdfast.audit_row('id');
      ALTER TABLE public.log ENABLE ALWAYS TRIGGER holdfast_audit;
      CREATE TABLE public.log_2 PARTITION OF public.log_1 FOR VALUES FROM (1) TO (50);
      INSERT INTO public.log VALUES (1); SET session_replication_role = replica; DELETE FROM public.log_2; RESET session_replication_role`);
    await room.build();
    expect((await history("1", "public.log"))?.map(({ action }) => action)).toEqual(["insert", "delete"]);
  });
});
