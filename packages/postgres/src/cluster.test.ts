import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { openVault } from "@holdfast/vault";
import pg from "pg";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Cluster, openCluster } from "./cluster.ts";
import { readPidFile } from "./postmaster.ts";
import { serverSettingsForTests } from "./testing/test-cluster.ts";

const run = promisify(execFile);
const password = "correct-horse-battery-staple-0123";
let folder: string;
let directory: string;
const open: Cluster[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-cluster-"));
  await chmod(folder, 0o711);
  directory = join(folder, "cluster");
});
afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.stop();
  await rm(folder, { recursive: true, force: true });
});

async function start(more: Partial<Parameters<typeof openCluster>[0]> = {}): Promise<Cluster> {
  const cluster = await openCluster({
    directory,
    superuserPassword: password,
    serverSettings: serverSettingsForTests,
    ...more,
  });
  open.push(cluster);
  return cluster;
}

const failure = (promise: Promise<unknown>): Promise<{ code: string; message: string }> =>
  promise.then(
    () => ({ code: "no error", message: "" }),
    (error: { code: string; message: string }) => error,
  );

async function query(
  cluster: Cluster,
  text: string,
  settings: pg.ClientConfig = {},
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...cluster.settings("postgres"), ...settings });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

const postmasterPid = async (): Promise<number> =>
  (await readPidFile({ data: join(directory, "data") } as never))?.pid as number;
/** A process that has ended but is not yet reaped has no arguments any more. */
const isAlive = (pid: number): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`).length > 0;
  } catch {
    return false;
  }
};

test("a cluster keeps its data over a restart and leaves nothing running", async () => {
  const said: string[] = [];
  const first = await start({ progress: (message) => said.push(message) });
  expect(first).toMatchObject({ kind: "embedded", version: expect.stringMatching(/^18\./) });
  await query(first, "create table kept (n int)");
  await query(first, "insert into kept values (7)");
  const pid = await postmasterPid();
  await first.stop();
  expect(isAlive(pid)).toBe(false);
  const second = await start();
  expect(await query(second, "select n from kept")).toEqual([{ n: 7 }]);
  expect(said).toEqual(["creating a PostgreSQL cluster"]);
});

test("no value that was sent stands in the server's log; with errors in it one would", async () => {
  const canary = "canary-of-a-value-in-a-log";
  const provoke = async (cluster: Cluster): Promise<string> => {
    await query(cluster, "create temp table t (id text primary key)");
    for (const text of [
      `select '${canary}'::int`,
      `do $$ begin raise exception '${canary}'; end $$`,
      `select * from pg_catalog.pg_class where relname = '${canary}' and 1 / 0 = 1`,
      `create temp table t (id text primary key); insert into t values ('${canary}'), ('${canary}')`,
    ]) {
      await failure(query(cluster, text));
    }
    await failure(query(cluster, "select 1", { password: "wrong" }));
    return readFile(join(directory, "postgres.log"), "utf8");
  };
  const sound = await start();
  const log = await provoke(sound);
  expect(log).toContain("password authentication failed");
  expect(log).not.toContain(canary);
  await sound.stop();
  expect(
    await provoke(await start({ serverSettings: { ...serverSettingsForTests, log_min_messages: "warning" } })),
  ).toContain(canary);
});

test("it listens on a private socket only, asks for a password by SCRAM and keeps checksums", async () => {
  const cluster = await start();
  const shown = await query(
    cluster,
    `select current_setting('listen_addresses') as listens, current_setting('data_checksums') as sums,
            current_setting('password_encryption') as passwords, current_setting('log_parameter_max_length') as logged,
            current_setting('log_statement') as statements, (select count(*)::int from pg_hba_file_rules where auth_method <> 'scram-sha-256') as open`,
  );
  expect(shown).toEqual([
    { listens: "", sums: "on", passwords: "scram-sha-256", logged: "0", statements: "none", open: 0 },
  ]);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, "data"))).mode & 0o777).toBe(0o700);
  expect((await failure(query(cluster, "select 1", { password: "wrong" }))).code).toBe("28P01");
});

test("with TLS it also listens on 127.0.0.1, on another port when the asked one is busy, and never in the clear", async () => {
  const vault = await openVault({ directory: join(folder, "vault") });
  const authority = await vault.certificateAuthority();
  const busy = createServer();
  await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
  const asked = (busy.address() as { port: number }).port;
  const cluster = await start({ tcp: { authority, port: asked } });
  busy.close();
  const { port } = cluster.settings("postgres");
  expect(port).not.toBe(asked);
  expect(await query(cluster, "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()")).toEqual([
    { ssl: true, version: "TLSv1.3" },
  ]);
  expect((await failure(query(cluster, "select 1", { host: "127.0.0.1", ssl: false }))).code).toBe("28000");
  expect((await failure(query(cluster, "select 1", { host: "127.0.0.1", ssl: {} }))).code).toMatch(
    /CERT|SELF_SIGNED|UNABLE/,
  );
});

test("two owners at once: the second is refused, the first goes on", async () => {
  const first = await start();
  expect((await failure(start())).code).toBe("cluster/in-use");
  expect(await query(first, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a start waits for processes that a killed PostgreSQL left behind", async () => {
  const first = await start({ serverSettings: { fsync: "off" } });
  const client = new pg.Client(first.settings("postgres"));
  client.on("error", () => undefined); // Its server is killed.
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const backend = rows[0]?.pid as number;
  const ended = new Promise((resolve) => first.onExit(resolve));
  process.kill(backend, "SIGSTOP");
  process.kill(await postmasterPid(), "SIGKILL");
  await ended;
  await first.stop();
  const again = start();
  again.catch(() => undefined); // Awaited below.
  const log = join(directory, "postgres.log");
  await vi.waitUntil(async () => (await readFile(log, "utf8")).includes("pre-existing shared memory block"), 20_000);
  process.kill(backend, "SIGCONT");
  expect(await query(await again, "select 1 as one")).toEqual([{ one: 1 }]);
  await client.end().catch(() => undefined); // Its server is gone.
});

test("a PostgreSQL that was killed recovers at the next start, and its end was told", async () => {
  const first = await start({ serverSettings: { fsync: "off" } });
  await query(first, "create table kept (n int)");
  const ended = new Promise((resolve) => first.onExit(resolve));
  process.kill(await postmasterPid(), "SIGKILL");
  expect(await ended).toEqual({ code: null, signal: "SIGKILL" });
  await first.stop();
  expect(await query(await start(), "select count(*)::int as n from kept")).toEqual([{ n: 0 }]);
});

const ownerProgram = (source: string): string => `
  const { openCluster } = await import(${JSON.stringify(new URL("./cluster.ts", import.meta.url).href)});
  const cluster = await openCluster({ directory: ${JSON.stringify(directory)}, superuserPassword: ${JSON.stringify(password)},
    serverSettings: ${JSON.stringify(serverSettingsForTests)} });
  ${source}`;

/** Runs an owner in a process of its own and kills it as soon as its cluster is up. */
async function killedOwner(beforeKill: (pid: number) => Promise<void> = async () => undefined): Promise<number> {
  const program = ownerProgram('console.log("up"); setInterval(() => undefined, 1000);');
  const owner = spawn(process.execPath, ["--conditions=holdfast-source", "--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise<void>((resolve) => owner.stdout.once("data", () => resolve()));
  const pid = await postmasterPid();
  await beforeKill(pid);
  owner.kill("SIGKILL");
  await new Promise<void>((resolve) => owner.once("exit", () => resolve()));
  return pid;
}

test("when its owner is killed PostgreSQL ends by itself", async () => {
  const pid = await killedOwner();
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a PostgreSQL that a killed owner left running is stopped by the next start", async () => {
  const pid = await killedOwner(async (postmaster) => {
    const { stdout } = await run("ps", ["-eo", "pid,args"]);
    const guard = stdout.split("\n").find((line) => line.includes(`holdfast-guard ${postmaster}`));
    process.kill(Number.parseInt(guard ?? "", 10), "SIGKILL");
  });
  expect(isAlive(pid)).toBe(true);
  const said: string[] = [];
  const cluster = await start({ progress: (message) => said.push(message) });
  expect(said.join()).toContain(`process ${pid}`);
  expect(isAlive(pid)).toBe(false);
  expect(await query(cluster, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a process number that belongs to another program now does not keep it from starting", async () => {
  await (await start()).stop();
  await writeFile(join(directory, "data", "postmaster.pid"), `${process.pid}\n${join(directory, "data")}\n`);
  await writeFile(join(directory, "owner.json"), JSON.stringify({ pid: process.pid, started: "another time" }));
  expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a folder with other files, and one that cannot be written, are refused and left as they are", async () => {
  await mkdir(directory);
  await writeFile(join(directory, "thesis.txt"), "do not touch");
  expect(await failure(start())).toMatchObject({ code: "cluster/directory-not-ours" });
  expect(await readdir(directory)).toEqual(["thesis.txt"]);
  expect((await failure(start({ directory: join(directory, "thesis.txt", "x") }))).code).toBe(
    "cluster/directory-unwritable",
  );
  expect((await failure(start({ directory: "/proc/holdfast" }))).code).toBe("cluster/directory-unwritable");
});

test("data of another version is refused before anything is started", async () => {
  await (await start()).stop();
  await writeFile(join(directory, "data", "PG_VERSION"), "15\n");
  expect(await failure(start())).toMatchObject({
    code: "cluster/version-mismatch",
    found: "data made by PostgreSQL 15",
  });
  await writeFile(join(directory, "data", "PG_VERSION"), "18\n");
  expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("damaged data is refused and nothing is left running", async () => {
  await (await start()).stop();
  const control = join(directory, "data", "global", "pg_control");
  const intact = await readFile(control);
  await truncate(control, 100);
  expect((await failure(start())).code).toBe("cluster/data-damaged");
  await writeFile(control, intact);
  await writeFile(join(directory, "data", "PG_VERSION"), "");
  expect((await failure(start())).code).toBe("cluster/data-damaged");
  await writeFile(join(directory, "data", "PG_VERSION"), "18\n");
  expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
});

test("the password of another cluster is refused, and told without being shown", async () => {
  await (await start()).stop();
  const error = await failure(start({ superuserPassword: "another-password-entirely" }));
  expect(error.code).toBe("cluster/password-refused");
  expect(error.message).not.toContain("another-password-entirely");
});

test("a setting that PostgreSQL does not know keeps it from starting, with its own words", async () => {
  expect(await failure(start({ serverSettings: { ...serverSettingsForTests, no_such_setting: "1" } }))).toMatchObject({
    code: "cluster/start-failed",
  });
});

test("a creation that was cut off leaves no half-made cluster", async () => {
  await (await start()).stop();
  await rm(join(directory, "data"), { recursive: true });
  await mkdir(join(directory, "data.unfinished"));
  await writeFile(join(directory, "data.unfinished", "PG_VERSION"), "18\n");
  expect(await query(await start(), "select 1 as one")).toEqual([{ one: 1 }]);
  expect(await readdir(directory)).not.toContain("data.unfinished");
});

test("a path too long for a socket still works", async () => {
  const long = join(folder, "x".repeat(100), "cluster");
  const cluster = await start({ directory: long });
  expect(await query(cluster, "select 1 as one")).toEqual([{ one: 1 }]);
  const { host } = cluster.settings("postgres");
  expect(Buffer.byteLength(`${host}/.s.PGSQL.5432`)).toBeLessThanOrEqual(103);
  await cluster.stop();
  await expect(stat(host as string)).rejects.toThrow();
});

test.runIf(process.getuid?.() === 0)(
  "below a folder that is closed to others, root's cluster lives where PostgreSQL can go",
  async () => {
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const said: string[] = [];
    const at = join(closed, "deep", "cluster");
    const first = await start({ directory: at, progress: (message) => said.push(message) });
    await query(first, "create table kept (n int)");
    await first.stop();
    const place = await realpath(at);
    try {
      expect(said[0]).toContain(place);
      expect(place).toMatch(/^\/var\/lib\/holdfast\/cluster-[0-9a-f]{16}$/);
      expect(await query(await start({ directory: at }), "select count(*)::int as n from kept")).toEqual([{ n: 0 }]);
      await mkdir(join(closed, "other"));
      await writeFile(join(closed, "other", "thesis.txt"), "do not touch");
      expect((await failure(start({ directory: join(closed, "other") }))).code).toBe("cluster/directory-not-ours");
    } finally {
      for (const cluster of open.splice(0)) await cluster.stop();
      await rm(place, { recursive: true, force: true });
    }
  },
);
