import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject, type VerifiedClaims } from "./as-subject.ts";
import type { DatabasePool } from "./database-pool.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";
import { runTransaction } from "./transaction.ts";

let database: TestDatabase;
let late: LateReady;
beforeAll(async () => {
  database = await testDatabase();
  const { host, port } = database.settings("holdfast_api");
  late = await openLateReady(join(host as string, `.s.PGSQL.${port}`));
});
afterAll(async () => {
  await late.close();
  await database.drop();
});

const READY_FOR_QUERY_BYTES = 6;
const LATE_MS = 5;

interface LateReady {
  readonly folder: string;
  close(): Promise<void>;
}

/** The way to the database on which ReadyForQuery always comes later than what is before it, as it may on any network. */
async function openLateReady(target: string): Promise<LateReady> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-late-"));
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(target);
    let sent = Promise.resolve();
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes: Buffer) => {
      const end = bytes.length - READY_FOR_QUERY_BYTES;
      const isReady = end >= 0 && bytes.toString("latin1", end, end + 1) === "Z";
      sent = sent.then(async () => {
        near.write(isReady ? bytes.subarray(0, end) : bytes);
        if (isReady) await wait(LATE_MS);
        if (isReady) near.write(bytes.subarray(end));
      });
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    for (const socket of [near, far]) sockets.add(socket.on("error", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(join(folder, ".s.PGSQL.5432"), resolve));
  return {
    folder,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const latePool = (): DatabasePool =>
  database.poolAt({ ...database.settings("holdfast_api"), host: late.folder, port: 5432 }, { connectionsMax: 1 });

const alice: VerifiedClaims = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" };
const refusedStatements = ["select nonsense", "select 1 / 0", "select * from holdfast_keeper.claim_keys"];

test("when the first statement of a transaction is refused, the connection is rolled back before it goes back to the pool", async () => {
  const pool = latePool();
  const pids = new Set<unknown>();
  for (const text of refusedStatements) {
    const refused = asSubject(pool, alice, (transaction) => transaction.query(text));
    await expect(refused, text).rejects.toMatchObject({ name: "DatabaseError" });
    // In a transaction that was left open this would be 25P02, or run with alice's claims.
    const { rows } = await pool.query(
      `select pg_backend_pid() as pid, coalesce(current_setting('request.jwt.claims', true), '') as claims,
              current_user::text as who`,
    );
    expect(rows, text).toEqual([{ pid: rows[0]?.pid, claims: "", who: "holdfast_api" }]);
    expect(await pool.withConnection(async (client) => client.wire.getTransactionStatus())).toBe("I");
    pids.add(rows[0]?.pid);
  }
  // Rolled back, not closed: it is the same connection each time.
  expect(pids.size).toBe(1);
  expect(pool.metrics).toMatchObject({ connections: 1, idle: 1, discarded: 0 });
  await pool.end();
});

test("a connection is idle again as soon as the refusal of its first statement is known to the caller", async () => {
  const pool = latePool();
  for (const text of refusedStatements) {
    await pool.withConnection(async (client) => {
      await expect(runTransaction(client, undefined, ({ query }) => query(text))).rejects.toThrow();
      expect(client.wire.getTransactionStatus(), text).toBe("I");
    });
  }
  expect(pool.metrics.discarded).toBe(0);
  await pool.end();
});

test("when the first statement is refused before the claims are set, the connection is not used again", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1 });
  const pid = async (): Promise<unknown> => (await pool.query("select pg_backend_pid() as pid")).rows[0]?.pid;
  const first = await pid();
  await asSubject(pool, alice, (transaction) => transaction.query("select 1"));
  await pool.query("deallocate all");
  await expect(asSubject(pool, alice, (transaction) => transaction.query("select 1"))).rejects.toMatchObject({
    sqlState: "26000",
  });
  expect(await pid()).not.toBe(first);
  expect(pool.metrics.discarded).toBe(1);
});
