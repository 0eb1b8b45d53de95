// The traps of row level security that were met on PostgreSQL 18, one test each: what the compiled policy makes of it, on a real server
// and through `asSubject`. Those that lie in the application's migrations are linted; packages/cli tests that on the live catalog.
import { readFile } from "node:fs/promises";
import { all, anyone, column, member, nobody, owner, signedIn } from "@holdfast/policy";
import { asSubject, type DatabasePool } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentPolicy } from "../../testdata/content/policy.ts";
import { policyWith } from "../../testdata/differential/policies.ts";
import { compilePostgres } from "./compile.ts";

const ALICE = "00000000-0000-4000-8000-000000000001";
const BOB = "00000000-0000-4000-8000-000000000002";
const TEAM = "00000000-0000-4000-9000-000000000001";
const ALICES = "00000000-0000-4000-a000-000000000001";
const BOBS = "00000000-0000-4000-a000-000000000002";
const MISSING = "00000000-0000-4000-a000-00000000dead";
const REFUSED = "42501";

let database: TestDatabase;
let administrator: Client;
let pool: DatabasePool;

beforeAll(async () => {
  database = await testDatabase();
  administrator = await database.administrator();
  pool = database.pool();
  await administrator.query(await readFile(new URL("../../testdata/content/tables.sql", import.meta.url), "utf8"));
  await administrator.query(compilePostgres(contentPolicy).text);
  await administrator.query(`
    INSERT INTO teams (id, name, owner_id) VALUES ('${TEAM}', 'team', '${BOB}');
    INSERT INTO memberships (team_id, user_id, role) VALUES ('${TEAM}', '${BOB}', 'lead');
    INSERT INTO content (id, owner_id, title, body, status, team_id) VALUES
      ('${ALICES}', '${ALICE}', 'hers', '', 'draft', NULL), ('${BOBS}', '${BOB}', 'his', '', 'draft', '${TEAM}')`);
});

afterAll(async () => {
  await database.drop();
});

function claimsOf(sub: string, roles: readonly string[] = ["reader"]): Record<string, unknown> & { sub: string } {
  return { sub, role: "authenticated", aal: "aal1", app_metadata: { roles } };
}

interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  readonly count: number;
  readonly sqlState: string | null;
}

/** What the database answers a person; `undo` for statements that would change what later tests see. */
async function answer(sub: string, text: string, roles?: readonly string[]): Promise<Answer> {
  let found: Answer = { rows: [], count: 0, sqlState: null };
  const undo = new Error("undo");
  try {
    await asSubject(pool, claimsOf(sub, roles), async (transaction) => {
      const { rows, rowCount } = await transaction.query(text);
      found = { rows, count: rowCount ?? 0, sqlState: null };
      throw undo;
    });
  } catch (error) {
    if (error !== undo) found = { rows: [], count: 0, sqlState: sqlStateOf(error) };
  }
  return found;
}

function sqlStateOf(error: unknown): string {
  const { sqlState, code } = error as { sqlState?: string; code?: string };
  const found = sqlState ?? code;
  if (found === undefined || !/^[0-9A-Z]{5}$/.test(found)) throw error;
  return found;
}

/** Runs as a database role without claims, and undoes it. */
async function answerAs(role: string, text: string): Promise<{ count: number; sqlState: string | null }> {
  await administrator.query("BEGIN");
  try {
    await administrator.query(`SET LOCAL ROLE ${role}`);
    const { rowCount } = await administrator.query(text);
    return { count: rowCount ?? 0, sqlState: null };
  } catch (error) {
    return { count: 0, sqlState: sqlStateOf(error) };
  } finally {
    await administrator.query("ROLLBACK");
  }
}

test("trap 1: the tables' owner is bound by the policies as well, since they are forced", async () => {
  expect(await answerAs("holdfast_owner", "SELECT id FROM content")).toEqual({ count: 0, sqlState: null });
  await administrator.query("ALTER TABLE content NO FORCE ROW LEVEL SECURITY");
  expect((await answerAs("holdfast_owner", "SELECT id FROM content")).count).toBe(2);
  await administrator.query("ALTER TABLE content FORCE ROW LEVEL SECURITY");
});

test("trap 2: an update without a WHERE touches no other rows than one with it", async () => {
  expect(await answer(ALICE, "UPDATE content SET title = 'x'")).toMatchObject({ count: 1, sqlState: null });
  expect(await answer(ALICE, "UPDATE content SET title = 'x' WHERE true")).toMatchObject({ count: 1, sqlState: null });
  expect(await answer(ALICE, "DELETE FROM content")).toMatchObject({ count: 1, sqlState: null });
});

test("trap 2: a policy that lets rows be changed that nobody may see does not compile", () => {
  const invisible = policyWith({ select: nobody(), insert: nobody(), update: owner("owner_id"), delete: nobody() });
  expect(() => compilePostgres(invisible)).toThrow(expect.objectContaining({ code: "compile/invisible-write" }));
  const visible = policyWith({ select: signedIn(), insert: nobody(), update: owner("owner_id"), delete: nobody() });
  expect(compilePostgres(visible).tables).toHaveLength(2);
});

test("trap 3: INSERT … RETURNING of a row the writer may not see is refused, INSERT alone is not", async () => {
  const insert = `INSERT INTO announcements (text, "from", hidden) VALUES ('later', now() + interval '1 day', true)`;
  const admin = claimsOf(ALICE, ["admin"]);
  const strong = { ...admin, aal: "aal2" };
  const run = (text: string) =>
    asSubject(pool, strong, async (transaction) => {
      await transaction.query(text);
    });
  await run(`${insert} RETURNING id`);
  expect((await answer(ALICE, insert, ["admin"])).sqlState).toBe(REFUSED);
  expect((await answer(BOB, "SELECT id FROM announcements")).count).toBe(0);
});

test("trap 4: an update that hides the row from its writer is refused, and the compiler says so beforehand", async () => {
  const soft = policyWith({
    select: all(owner("owner_id"), column("due").isNull()),
    insert: nobody(),
    update: owner("owner_id"),
    delete: nobody(),
  });
  expect(compilePostgres(soft).notices).toMatchObject([{ code: "compile/soft-delete", path: "tables.item.select" }]);
  expect(compilePostgres(contentPolicy).notices).toEqual([]);
  expect(
    (await answer(BOB, `UPDATE content SET owner_id = '${ALICE}', team_id = NULL WHERE id = '${BOBS}'`)).sqlState,
  ).toBe(REFUSED);
});

test("trap 5: a row can be neither given away nor taken", async () => {
  expect((await answer(ALICE, `UPDATE content SET owner_id = '${BOB}' WHERE id = '${ALICES}'`)).sqlState).toBe(REFUSED);
  expect(await answer(ALICE, `UPDATE content SET owner_id = '${ALICE}' WHERE id = '${BOBS}'`)).toMatchObject({
    count: 0,
    sqlState: null,
  });
  expect(
    (await answer(ALICE, `INSERT INTO content (owner_id, title, body, status) VALUES ('${BOB}', '', '', '')`)).sqlState,
  ).toBe(REFUSED);
});

test("trap 6: a client cannot choose the primary key, so a unique key tells nothing about invisible rows", async () => {
  const chosen = `INSERT INTO content (id, owner_id, title, body, status) VALUES ('${BOBS}', '${ALICE}', '', '', '')`;
  expect((await answer(ALICE, chosen)).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, `${chosen} ON CONFLICT DO NOTHING`)).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, `${chosen} ON CONFLICT (id) DO UPDATE SET title = 'x'`)).sqlState).toBe(REFUSED);
});

test("trap 7: a row of a team can only be made by a member of that team, whether or not the team exists", async () => {
  const into = (team: string) =>
    `INSERT INTO content (owner_id, title, body, status, team_id) VALUES ('${ALICE}', '', '', '', '${team}')`;
  expect((await answer(ALICE, into(TEAM))).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, into(MISSING))).sqlState).toBe(REFUSED);
});

test("trap 8: deleting a parent does not reach children the deleter may not see, without a cascade", async () => {
  expect((await answer(BOB, `DELETE FROM teams WHERE id = '${TEAM}'`)).sqlState).toBe(REFUSED);
});

test("trap 9: TRUNCATE, which no policy filters, is never granted", async () => {
  expect((await answer(ALICE, "TRUNCATE content CASCADE")).sqlState).toBe(REFUSED);
  for (const { action } of compilePostgres(contentPolicy).tables.flatMap(({ grants }) => grants)) {
    expect(["select", "insert", "update", "delete"]).toContain(action);
  }
});

test("trap 10: a view shows what its reader may see when it is a security invoker's, and everything when it is not", async () => {
  await administrator.query(`
    CREATE VIEW mine WITH (security_invoker) AS SELECT id FROM content; CREATE VIEW everything AS SELECT id FROM content;
    GRANT SELECT ON mine, everything TO authenticated`);
  expect((await answer(ALICE, "SELECT id FROM mine")).count).toBe(1);
  expect((await answer(ALICE, "SELECT id FROM everything")).count).toBe(2);
  await administrator.query("DROP VIEW mine, everything");
});

test("trap 11: a partition is not readable by itself", async () => {
  await administrator.query("CREATE TABLE part () INHERITS (content)");
  expect((await answer(ALICE, "SELECT id FROM part")).sqlState).toBe(REFUSED);
  await administrator.query("DROP TABLE part");
});

test("trap 12: COPY writes nothing past the policies, and row_security = off refuses instead of opening", async () => {
  expect((await answerAs("authenticated", "COPY content (title) FROM STDIN")).sqlState).toMatch(/^(0A000|42501)$/);
  await administrator.query("BEGIN");
  await administrator.query("SET LOCAL row_security = off; SET LOCAL ROLE authenticated");
  await expect(administrator.query("SELECT id FROM content")).rejects.toMatchObject({ code: REFUSED });
  await administrator.query("ROLLBACK");
});

test("trap 13: after a request has ended, the same connection asks as nobody and gets no error", async () => {
  const one = database.pool("holdfast_api", { connectionsMax: 1 });
  expect((await asSubject(one, claimsOf(ALICE), { text: "SELECT id FROM content" })).rowCount).toBe(1);
  expect((await asSubject(one, null, { text: "SELECT id FROM content" })).rowCount).toBe(0);
});

test("trap 14: a set needs no right of the caller on the membership table, and policies that name each other do not recurse", async () => {
  expect((await answerAs("anon", "SELECT id FROM shares")).sqlState).toBe(REFUSED);
  // content asks memberships and shares; memberships asks itself.
  expect((await answerAs("anon", "SELECT id FROM content")).sqlState).toBeNull();
  expect((await answer(BOB, "SELECT id FROM memberships")).count).toBe(1);
  expect((await answer(ALICE, "SELECT id FROM memberships")).count).toBe(0);
});

test("trap 14: a set tells only about the one who asks, and only the reader role may read the table behind it", async () => {
  const [set] = compilePostgres(contentPolicy).sets;
  expect((await answer(BOB, `SELECT * FROM holdfast_set."${set?.name}"()`)).rows).toHaveLength(1);
  expect((await answer(ALICE, `SELECT * FROM holdfast_set."${set?.name}"()`)).rows).toHaveLength(0);
  expect((await answerAs("holdfast_reader", "SELECT title FROM content")).sqlState).toBe(REFUSED);
  expect((await answerAs("holdfast_reader", "SELECT team_id FROM memberships")).count).toBe(1);
});

test("trap 15: a column the policy does not name cannot be read, also not by * or RETURNING *", async () => {
  expect((await answer(ALICE, "SELECT secret FROM content")).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, "SELECT * FROM content")).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, "UPDATE content SET title = 'x' RETURNING *")).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, "UPDATE content SET created_at = now()")).sqlState).toBe(REFUSED);
  expect((await answer(ALICE, "SELECT id, title FROM content")).count).toBe(1);
});

test("trap 16: a prepared statement gives each subject their own rows, and a cheap function in WHERE sees no others", async () => {
  const one = database.pool("holdfast_api", { connectionsMax: 1 });
  for (const [sub, id] of [
    [ALICE, ALICES],
    [BOB, BOBS],
    [ALICE, ALICES],
  ] as const) {
    const { rows } = await asSubject(one, claimsOf(sub), {
      text: "SELECT id FROM content WHERE title <> $1",
      values: [""],
    });
    expect(rows).toEqual([{ id }]);
  }
  await administrator.query(`
    CREATE FUNCTION leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
      BEGIN PERFORM set_config('trap.seen', current_setting('trap.seen', true) || $1 || ',', true); RETURN true; END $$;
    GRANT EXECUTE ON FUNCTION leak(text) TO authenticated`);
  const seen = await asSubject(one, claimsOf(ALICE), async (transaction) => {
    await transaction.query("SELECT set_config('trap.seen', '', true)");
    await transaction.query("SELECT id FROM content WHERE leak(title)");
    return (await transaction.query("SELECT current_setting('trap.seen') AS seen")).rows[0]?.seen;
  });
  expect(seen).toBe("hers,");
  await administrator.query("DROP FUNCTION leak(text)");
});

test("trap 17: claims that a statement sets by itself are not believed", async () => {
  const forged = JSON.stringify(claimsOf(BOB));
  expect(
    (await answer(ALICE, `SELECT set_config('request.jwt.claims', '${forged}', true), (SELECT count(*) FROM content)`))
      .sqlState,
  ).toBe("28000");
  expect((await answerAs("authenticated", `SELECT id FROM content`)).count).toBe(0);
});

test("a policy made without a role in mind applies to nobody else: every compiled policy names its roles", () => {
  for (const { roles } of compilePostgres(contentPolicy).tables.flatMap(({ policies }) => policies)) {
    expect(roles.length).toBeGreaterThan(0);
  }
  const open = policyWith({
    select: anyone(),
    insert: nobody(),
    update: nobody(),
    delete: member({ column: "team_id", table: "membership", group: "team_id", subject: "user_id" }),
  });
  const [table] = compilePostgres(open).tables;
  expect(table?.policies.map(({ action, roles }) => [action, roles])).toEqual([
    ["select", ["anon", "authenticated"]],
    ["delete", ["authenticated"]],
  ]);
});

test("no compiled condition contains EXISTS or IN (SELECT …), which a policy runs for every row", () => {
  for (const { using, check } of compilePostgres(contentPolicy).tables.flatMap(({ policies }) => policies)) {
    expect(`${using} ${check}`).not.toMatch(/EXISTS|\bIN\s*\(/i);
  }
});
