import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asSubject } from "../as-subject.ts";
import type { DatabasePool } from "../database-pool.ts";
import { testDatabase } from "../testing/injected-cluster.ts";
import type { TestDatabase } from "../testing/test-database.ts";
import { studyDatabase, watchDatabase } from "./look.ts";
import type { DatabaseStudy } from "./shapes.ts";

const CANARY = "canary4711";
const alice = { sub: "11111111-1111-4111-8111-111111111111", role: "authenticated" };
const ROWS = 12_000;

/** Owned by the one who may ask: a policy with an index, one that asks a function for each row, and tables with and without bloat. */
const TABLES = `
  create table notes (id int primary key, owner uuid not null, kind int not null, code int not null);
  insert into notes select n, '${alice.sub}', n % 2, n from generate_series(1, ${ROWS}) n;
  create index on notes (owner);
  create function per_row(uuid) returns boolean language plpgsql stable cost 500 as 'begin return $1 is not null; end';
  create table slow_notes (id int primary key, owner uuid not null, code int not null);
  insert into slow_notes select n, '${alice.sub}', n from generate_series(1, ${ROWS}) n;
  alter table notes enable row level security; alter table notes force row level security;
  alter table slow_notes enable row level security; alter table slow_notes force row level security;
  create policy own on notes for select to authenticated using (owner = (select auth.uid()));
  create policy own on slow_notes for select to authenticated using (per_row(owner));
  grant select on notes, slow_notes to authenticated;
  grant execute on function per_row to authenticated;
  create table open_notes (id int primary key, code int not null, indexed int not null);
  insert into open_notes select n, n, n from generate_series(1, ${ROWS}) n;
  create index on open_notes (indexed);
  grant select on open_notes to authenticated;
  create table bloated (id int primary key, text text);
  insert into bloated select n, repeat('x', 200) from generate_series(1, 20000) n;
  delete from bloated where id % 4 <> 0;
  create table tight (id int primary key, text text);
  insert into tight select n, repeat('x', 200) from generate_series(1, 20000) n;
  create table parents (id int primary key);
  create table children (id int primary key, parent int references parents, indexed_parent int references parents);
  create index on children (indexed_parent);
  analyze`;

describe("how a database does", () => {
  let database: TestDatabase;
  let administrator: pg.Client;
  let pool: DatabasePool;

  beforeAll(async () => {
    database = await testDatabase();
    administrator = await database.administrator();
    await administrator.query(TABLES);
    pool = database.pool();
  });
  afterAll(() => database?.drop());

  const look = async (): Promise<DatabaseStudy> => studyDatabase(administrator);
  const statementOf = (study: DatabaseStudy, part: string) => study.statements.find(({ text }) => text.includes(part));

  test("a slow statement appears with the role it ran as, and no value of it", async () => {
    await asSubject(pool, alice, { text: `select pg_sleep(0.3), '${CANARY}' as told from notes where code = 4711` });
    await asSubject(pool, null, { text: `select pg_sleep(0.25) as anonymous, '${CANARY}'` });
    const study = await look();
    const slow = statementOf(study, "as told");
    expect(slow).toMatchObject({ role: "authenticated", calls: 1 });
    expect(slow?.meanMs).toBeGreaterThan(290);
    expect(statementOf(study, "as anonymous")).toMatchObject({ role: "anon" });
    expect(slow?.plan.join("\n")).toMatch(/on notes/);
    expect(JSON.stringify(study)).not.toContain(CANARY);
    expect(JSON.stringify(study)).not.toContain("4711");
    const { roles } = await watchDatabase(administrator);
    expect(roles.find(({ role }) => role === "authenticated")?.totalMs).toBeGreaterThan(290);
  });

  test("no function of anybody's runs with the rights of whoever looks", async () => {
    await administrator.query(`create schema others; grant usage on schema others to authenticated;
      create function others.lurks() returns integer language plpgsql stable as
        $$ begin raise warning 'ran with superuser %', current_setting('is_superuser'); return 1; end $$;
      create function others."Lurks too"(integer) returns integer language sql immutable as 'select others.lurks()';
      grant execute on all functions in schema others to authenticated`);
    await asSubject(pool, alice, { text: "select code as lurking from notes where code = others.lurks()" });
    await asSubject(pool, alice, {
      text: `select code as lurking_too from notes where code = others."Lurks too" /* ( */ (1)`,
    });
    const warnings: string[] = [];
    const listen = (notice: { readonly message?: string | undefined }): number => warnings.push(String(notice.message));
    administrator.on("notice", listen);
    const study = await look();
    administrator.off("notice", listen);
    expect(warnings).toEqual([]);
    for (const part of ["as lurking ", "as lurking_too"])
      expect(statementOf(study, part)).toMatchObject({ plan: [], notPlanned: expect.stringContaining("function") });
  });

  test("what a policy costs is told: little where an index serves it, most of it where a function is asked for each row", async () => {
    await asSubject(pool, alice, { text: "select count(*) as cheap from notes where id = $1", values: [1] });
    await asSubject(pool, alice, { text: "select count(*) as dear from slow_notes where code < $1", values: [9] });
    await asSubject(pool, alice, { text: "select count(*) as free from open_notes where id = $1", values: [9] });
    const study = await look();
    const cheap = statementOf(study, "as cheap")?.policyCost;
    const dear = statementOf(study, "as dear")?.policyCost;
    expect(dear?.tables).toEqual(["public.slow_notes"]);
    expect(dear?.share).toBeGreaterThan(0.9);
    expect(cheap?.share).toBeLessThan(0.5);
    expect(statementOf(study, "as free")?.policyCost).toMatchObject({ share: 0, tables: [] });
  });

  test("an index is advised where one is missing, with its line, and none where there is one", async () => {
    for (const column of ["code", "indexed"])
      await asSubject(pool, alice, {
        text: `select id as by_${column} from open_notes where ${column} = $1`,
        values: [7],
      });
    const { advice } = await look();
    const lines = advice.flatMap(({ sql }) => sql);
    expect(lines).toContain('CREATE INDEX CONCURRENTLY ON public.open_notes ("code");');
    expect(lines).toContain('CREATE INDEX CONCURRENTLY ON public.children ("parent");');
    expect(lines.join("\n")).not.toContain("indexed");
    await administrator.query(lines.find((line) => line.includes("open_notes")) as string);
    await administrator.query("analyze open_notes");
    expect((await look()).advice.flatMap(({ sql }) => sql).join("\n")).not.toContain("open_notes");
  });

  test("a bloated table is found with what mends it, a tight one is not; measured, and estimated where it cannot be", async () => {
    const bloatOf = (study: DatabaseStudy, table: string) =>
      study.bloat.find((each) => each.table === `public.${table}`);
    const study = await look();
    expect(bloatOf(study, "bloated")).toMatchObject({
      isBloated: true,
      method: "pgstattuple_approx",
      mend: "VACUUM (ANALYZE) public.bloated;",
    });
    expect(bloatOf(study, "tight")).toMatchObject({ isBloated: false, mend: null });
    await administrator.query("vacuum (analyze) bloated");
    await administrator.query("drop extension pgstattuple");
    const estimated = await look();
    expect(bloatOf(estimated, "bloated")).toMatchObject({ isBloated: true, method: "estimated from pg_stats" });
    expect(bloatOf(estimated, "tight")).toMatchObject({ isBloated: false });
    await administrator.query("create extension pgstattuple schema holdfast_performance");
  });

  test("three sessions that wait for each other are a tree with who, what and how long; without them there is none", async () => {
    expect((await watchDatabase(administrator)).activity).toMatchObject({ blocking: [], blocked: 0 });
    const clients = await Promise.all([1, 2, 3].map(() => database.prepared.administrator()));
    const [first, second, third] = clients as [pg.Client, pg.Client, pg.Client];
    const update = (client: pg.Client, id: number) => client.query(`update notes set kind = 4711 where id = ${id}`);
    for (const client of clients) await client.query("begin");
    await update(first, 1);
    await update(second, 2);
    const waiting = [update(second, 1)];
    await untilBlocked(administrator, 1);
    waiting.push(update(third, 2));
    await untilBlocked(administrator, 2);
    const { activity } = await watchDatabase(administrator);
    const [root, ...others] = activity.blocking;
    expect(others).toEqual([]);
    expect(root?.session).toMatchObject({
      login: "holdfast_administrator",
      state: "idle in transaction",
      lockWaitMs: null,
    });
    expect(root?.blocks).toHaveLength(1);
    const [middle] = root?.blocks ?? [];
    expect(middle?.session).toMatchObject({ waitType: "Lock", text: "update notes set kind = ? where id = ?" });
    expect(middle?.session?.lockWaitMs).toBeGreaterThan(0);
    expect(middle?.session?.lock).toMatch(/ShareLock of a transactionid/);
    expect(middle?.blocks).toMatchObject([{ blocks: [], session: { waitType: "Lock" } }]);
    expect(activity.blocked).toBe(2);
    expect(activity.waits["Lock"]).toBe(2);
    expect(JSON.stringify(activity)).not.toContain("4711");
    await first.query("rollback");
    await waiting[0];
    await second.query("rollback");
    await waiting[1];
    for (const client of clients) await client.end();
  });

  test("cache, input and output and sizes are read; the looking writes nothing and says how long it took", async () => {
    const study = await look();
    expect(study.tables.map(({ table }) => table)).toContain("public.bloated");
    expect(study.inputOutput.find(({ backend }) => backend === "client backend")?.hits).toBeGreaterThan(0);
    expect(study.tookMs).toBeGreaterThan(0);
    const { counters } = await watchDatabase(administrator);
    expect(counters?.blocksHit).toBeGreaterThan(0);
    expect(counters?.bytes).toBeGreaterThan(1_000_000);
  });

  test("who may see little is told what was not seen, and sees nobody's statements", async () => {
    await administrator.query("create role stranger login password 'none' nosuperuser").catch(() => undefined); // Another test's.
    await administrator.query("set session authorization stranger");
    try {
      const study = await look();
      expect(study.statements).toEqual([]);
      expect(study.notSeen.map(({ what }) => what)).toContain("statements by time");
    } finally {
      await administrator.query("reset session authorization");
      await administrator.query("drop role stranger");
    }
  });
});

async function untilBlocked(client: pg.Client, count: number): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; ) {
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    );
    if ((rows[0]?.count ?? 0) >= count) return;
  }
  throw new Error("nobody waits");
}
