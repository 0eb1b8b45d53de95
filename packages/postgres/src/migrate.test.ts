import { spawn } from "node:child_process";
import { cp, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { baseMigrations } from "./prepare-database.ts";
import { testDatabase } from "./testing/injected-cluster.ts";
import type { TestDatabase } from "./testing/test-database.ts";
import { transactionControl } from "./transaction-control.ts";

let database: TestDatabase;
let administrator: pg.Client;
let directory: string;

beforeEach(async () => {
  database = await testDatabase();
  administrator = await database.administrator();
  directory = await mkdtemp(join(tmpdir(), "holdfast-migrations-"));
});
afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(directory, name), text);
const apply = (): Promise<readonly string[]> =>
  migrate(administrator, [{ name: "app", directory }]).then(({ applied }) => applied);
const failure = (promise: Promise<unknown>): Promise<{ code: string; found: string }> =>
  promise.then(
    () => ({ code: "no error", found: "" }),
    (error: { code: string; found: string }) => error,
  );
const tables = async (): Promise<string> =>
  (
    await administrator.query<{ list: string | null }>(
      "select string_agg(tablename || ' ' || tableowner, ', ' order by tablename) as list from pg_tables where schemaname = 'public'",
    )
  ).rows[0]?.list ?? "";

test("files are applied once, in order, as the owner of the tables", async () => {
  await write("0001_a.sql", "create table a (id int);");
  await write("0002_b.sql", "create table b as select * from a;");
  await write("notes.txt", "no migration");
  expect(await apply()).toEqual(["app/0001_a.sql", "app/0002_b.sql"]);
  expect(await apply()).toEqual([]);
  expect(await tables()).toBe("a holdfast_owner, b holdfast_owner");
  await write("0003_c.sql", "create table c (id int)");
  expect(await apply()).toEqual(["app/0003_c.sql"]);
});

test("a file that fails leaves nothing of itself and everything before it", async () => {
  await write("0001_a.sql", "create table a (id int);");
  await write("0002_b.sql", "create table b (id int);\ncreate table c (id int);\nselect nonsense;");
  expect(await failure(apply())).toMatchObject({
    code: "migration/failed",
    found: expect.stringMatching(/nonsense.*\(42703\) at line 3/),
  });
  expect(await tables()).toBe("a holdfast_owner");
  await write("0002_b.sql", "create table b (id int)");
  expect(await apply()).toEqual(["app/0002_b.sql"]);
});

test("an applied file that changed, even by a blank, or is missing is refused and nothing is applied", async () => {
  await write("0001_a.sql", "create table a (id int);");
  await apply();
  await write("0001_a.sql", "create table a (id int); ");
  await write("0002_b.sql", "create table b (id int);");
  expect((await failure(apply())).code).toBe("migration/changed");
  await rm(join(directory, "0001_a.sql"));
  await rm(join(directory, "0002_b.sql"));
  expect((await failure(apply())).code).toBe("migration/file-missing");
  expect(await tables()).toBe("a holdfast_owner");
});

test("a gap, a repeated number, a bad name and a missing folder are told apart", async () => {
  await write("0002_b.sql", "select 1");
  expect((await failure(apply())).code).toBe("migration/number-missing");
  await write("0001_a.sql", "select 1");
  await write("0001_b.sql", "select 1");
  expect((await failure(apply())).code).toBe("migration/number-repeated");
  await rename(join(directory, "0001_b.sql"), join(directory, "0003-b.sql"));
  expect((await failure(apply())).code).toBe("migration/name-invalid");
  expect((await failure(migrate(administrator, [{ name: "app", directory: join(directory, "no") }]))).code).toBe(
    "migration/directory-unreadable",
  );
});

test("a file that ends its own transaction is refused before it is sent", async () => {
  for (const text of [
    "create table a (id int); commit; create table b (id int)",
    "begin; create table a (id int)",
    "/* x */ ROLLBACK",
  ]) {
    await write("0001_a.sql", text);
    expect((await failure(apply())).code, text).toBe("migration/transaction-control");
  }
  await write(
    "0001_a.sql",
    "do $$ begin execute 'select 1'; end $$; select 'commit; begin'; -- commit;\nsavepoint s; rollback to s;",
  );
  expect(await apply()).toEqual(["app/0001_a.sql"]);
  expect(await tables()).toBe("");
});

test("transaction control is found as a statement only", () => {
  const none = [
    "create function f() returns int language sql begin atomic select 1; end; select 2",
    "create function f() returns int language plpgsql as $body$ begin commit; end $body$",
    "select 'a;commit', E'\\';commit;', \"x;commit\" from t",
    "/* ; commit; */ select 1 -- ; commit",
  ];
  for (const text of none) expect(transactionControl(text), text).toBeUndefined();
  for (const text of [
    "END",
    "select 1;\n\tStart  Transaction",
    "abort;",
    "prepare transaction 'x'",
    "select '$$'; commit; select '$$'",
  ]) {
    expect(transactionControl(text), text).toBeDefined();
  }
});

test("a process killed in the middle of a migration leaves nothing half applied, and the next start applies it", async () => {
  await write("0001_a.sql", "create table a (id int);");
  await write("0002_b.sql", "create table b (id int); select pg_sleep(60);");
  const program = `
    const { default: pg } = await import("pg");
    const { migrate } = await import(${JSON.stringify(new URL("./migrate.ts", import.meta.url).href)});
    const client = new pg.Client(JSON.parse(process.env.SETTINGS));
    await client.connect();
    console.log(client.processID);
    await migrate(client, [{ name: "app", directory: ${JSON.stringify(directory)} }]);`;
  const child = spawn(process.execPath, ["--conditions=holdfast-source", "--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    env: { ...process.env, SETTINGS: JSON.stringify(database.settings()) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = Number(await new Promise((resolve) => child.stdout.once("data", resolve)));
  const waits = async (): Promise<boolean> =>
    (await administrator.query("select 1 from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'", [pid]))
      .rowCount === 1;
  while (!(await waits())) await new Promise(setImmediate);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  await administrator.query("select pg_terminate_backend($1)", [pid]); // What the server does itself once it notices.
  await write("0002_b.sql", "create table b (id int);");
  expect(await tables()).toBe("a holdfast_owner");
  expect(await apply()).toEqual(["app/0002_b.sql"]);
});

test("two processes that start at once take turns", async () => {
  await write("0001_a.sql", "create table a (id int); select pg_sleep(0.1)");
  const other = await database.administrator();
  const reports = await Promise.all([
    apply(),
    migrate(other, [{ name: "app", directory }]).then(({ applied }) => applied),
  ]);
  expect(reports.flat()).toEqual(["app/0001_a.sql"]);
});

test("the base schema gives PUBLIC nothing", async () => {
  const { rows } = await administrator.query(`
    select 'schema ' || nspname as what from pg_namespace n, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a
      where a.grantee = 0 and nspname not in ('pg_catalog', 'information_schema')
    union all select 'function ' || p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = pronamespace,
      aclexplode(coalesce(proacl, acldefault('f', proowner))) a where a.grantee = 0 and nspname not in ('pg_catalog', 'information_schema')
    union all select 'relation ' || c.oid::regclass from pg_class c join pg_namespace n on n.oid = relnamespace,
      aclexplode(relacl) a where a.grantee = 0 and nspname not in ('pg_catalog', 'information_schema')
    union all select 'database ' || a.privilege_type from pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
      where a.grantee = 0 and datname = current_database()`);
  expect(rows).toEqual([]);
});

test("a function the owner makes later is not for PUBLIC either", async () => {
  await write("0001_f.sql", "create function public.f() returns int language sql return 1;");
  await apply();
  const { rows } = await administrator.query("select has_function_privilege('anon', 'public.f()', 'execute') as anon");
  expect(rows).toEqual([{ anon: false }]);
});

test("the base migrations are what they were when a database was made with them", async () => {
  const copy = join(directory, "base");
  await cp(baseMigrations.directory, copy, { recursive: true });
  expect((await migrate(administrator, [{ ...baseMigrations, directory: copy }])).applied).toEqual([]);
  await writeFile(join(copy, "0001_schemas.sql"), "-- other");
  expect((await failure(migrate(administrator, [{ ...baseMigrations, directory: copy }]))).code).toBe(
    "migration/changed",
  );
});
