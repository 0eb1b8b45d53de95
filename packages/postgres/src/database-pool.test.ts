import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asSubject } from "./as-subject.ts";
import { openCluster } from "./cluster.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import { serverSettingsForTests } from "./testing/test-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

test("a request waits for a connection, and one more than may wait is refused at once", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1, queueMax: 1 });
  const [holds, mayEnd] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = asSubject(pool, null, async (transaction) => {
    await transaction.query("select 1");
    holds.resolve();
    await mayEnd.promise;
  });
  await holds.promise;
  const waiting = asSubject(pool, null, { text: "select 1" });
  expect(pool.metrics).toMatchObject({ connectionsMax: 1, connections: 1, idle: 0, waiting: 1 });
  expect(await codeOf(asSubject(pool, null, { text: "select 1" }))).toBe("database/pool-full");
  mayEnd.resolve();
  await held;
  expect((await waiting).rowCount).toBe(1);
  expect(pool.metrics).toMatchObject({ idle: 1, waiting: 0, refused: 1 });
});

test("a request that waits too long is refused, and the pool still works", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1, queueTimeoutMs: 50 });
  const late = await asSubject(pool, null, async (transaction) => {
    await transaction.query("select 1");
    return codeOf(asSubject(pool, null, { text: "select 1" }));
  });
  expect(late).toBe("database/pool-full");
  expect((await asSubject(pool, null, { text: "select 1" })).rowCount).toBe(1);
});

test("an ended pool is closed to everybody", async () => {
  const pool = database.pool();
  await asSubject(pool, null, { text: "select 1" });
  await pool.end();
  await pool.end();
  expect(await codeOf(asSubject(pool, null, { text: "select 1" }))).toBe("database/pool-closed");
});

test("a statement or transaction over its time limit is ended, and the limits are the roles' own", async () => {
  const pool = database.pool("holdfast_api", { connectionsMax: 1 });
  const { rows } = await asSubject(pool, null, {
    text: `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
             current_setting('idle_in_transaction_session_timeout') as idle, current_setting('transaction_timeout') as transaction`,
  });
  expect(rows).toEqual([{ statement: "15s", lock: "5s", idle: "15s", transaction: "1min" }]);
  const slow = asSubject(pool, null, async (transaction) => {
    await transaction.query("set local statement_timeout = '20ms'");
    await transaction.query("select pg_sleep(5)");
  });
  expect(await codeOf(slow)).toBe("database/timeout");
  expect((await asSubject(pool, null, { text: "select 1" })).rowCount).toBe(1);
});

test("a conflict between transactions is told as one", async () => {
  const administrator = await database.administrator();
  await administrator.query(
    "create table counter (n int); insert into counter values (1); grant select, update on counter to holdfast_identity; grant usage on schema public to holdfast_identity",
  );
  const pool = database.pool("holdfast_identity", { connectionsMax: 2 });
  const lost = pool.transaction(async (transaction) => {
    await transaction.query("set transaction isolation level repeatable read");
    await transaction.query("select n from counter");
    await pool.query("update counter set n = n + 1");
    await transaction.query("update counter set n = n + 1");
  });
  expect(await codeOf(lost)).toBe("database/conflict");
  expect((await pool.query("select n from counter")).rows).toEqual([{ n: 2 }]);
});

test("each login role reaches its own schema and nothing else", async () => {
  const administrator = await database.administrator();
  await administrator.query(`
    set role holdfast_owner;
    create table auth.users (id int); create table platform.log (id int); create table public.content (id int);
    reset role`);
  const identity = database.pool("holdfast_identity");
  const platform = database.pool("holdfast_platform");
  const api = database.pool("holdfast_api");
  expect(await codeOf(identity.query("insert into auth.users values (1)"))).toBe("no error");
  expect(await codeOf(identity.query("update auth.users set id = 2"))).toBe("no error");
  expect(await codeOf(platform.query("insert into platform.log values (1)"))).toBe("no error");
  expect(await codeOf(platform.query("select * from platform.log"))).toBe("no error");
  for (const text of ["update platform.log set id = 2", "delete from platform.log", "truncate platform.log"]) {
    expect(await codeOf(platform.query(text)), text).toBe("database/refused");
  }
  for (const pool of [identity, api])
    expect(await codeOf(pool.query("select * from platform.log"))).toBe("database/refused");
  for (const pool of [platform, api])
    expect(await codeOf(pool.query("select * from auth.users"))).toBe("database/refused");
  for (const pool of [identity, platform, api]) {
    expect(await codeOf(pool.query("select * from public.content"))).toBe("database/refused");
    expect(await codeOf(pool.query("create table mine (id int)"))).toMatch(/^database\/(refused|failed)$/);
    expect(await codeOf(pool.query("set role service_role"))).toBe("database/refused");
  }
  expect(await codeOf(identity.query("set role authenticated"))).toBe("database/refused");
});

test("when PostgreSQL dies every request fails, nothing opens, and the pool works again after its restart", async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-dies-"));
  await chmod(folder, 0o711);
  const options = {
    directory: join(folder, "cluster"),
    superuserPassword: "x".repeat(32),
    serverSettings: serverSettingsForTests,
  };
  let cluster = await openCluster(options);
  const exited = Promise.withResolvers<unknown>();
  cluster.onExit(exited.resolve);
  try {
    const prepared = await prepareDatabase(cluster, {
      database: "app",
      secrets: async (name) => `${name}-${"y".repeat(32)}`,
      migrationSets: [],
    });
    const pool = prepared.pool("holdfast_api", { connectionsMax: 2 });
    await asSubject(pool, null, { text: "select 1" });
    const inTransaction = asSubject(pool, null, async (transaction) => {
      const { rows } = await transaction.query<{ leader: number }>("select pg_backend_pid() as leader");
      const { readPidFile } = await import("./postmaster.ts");
      const pid = (await readPidFile({ data: join(folder, "cluster", "data") } as never))?.pid as number;
      expect(rows[0]?.leader).not.toBe(pid);
      process.kill(pid, "SIGKILL");
      await transaction.query("select pg_sleep(10)");
    });
    expect(await codeOf(inTransaction)).toBe("database/unavailable");
    const after = await Promise.all(
      Array.from({ length: 5 }, () => codeOf(asSubject(pool, null, { text: "select 1" }))),
    );
    expect(new Set(after)).toEqual(new Set(["database/unavailable"]));
    // The connections may be gone before the process's end is told.
    expect(await exited.promise).toEqual({ code: null, signal: "SIGKILL" });
    await cluster.stop();
    cluster = await openCluster(options);
    expect((await asSubject(pool, null, { text: "select 1" })).rowCount).toBe(1);
    await pool.end();
  } finally {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
