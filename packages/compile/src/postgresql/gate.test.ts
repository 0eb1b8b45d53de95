import { readdir, readFile } from "node:fs/promises";
import {
  aal2,
  all,
  any,
  anyone,
  type Condition,
  column,
  defineSecurity,
  member,
  nobody,
  not,
  owner,
  type Policy,
  role,
  signedIn,
  type TablePolicy,
} from "@holdfast/policy";
import { asSubject } from "@holdfast/postgres";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import type { Client } from "pg";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { policyWith } from "../../testdata/differential/policies.ts";
import { compilePostgres } from "./compile.ts";
import { lacksBounds, type Search, searchFor } from "./gate.ts";

const inTeam = member({ column: "team_id", table: "membership", group: "team_id", subject: "user_id" });
const closed = { select: nobody(), insert: nobody(), update: nobody(), delete: nobody() };
const item = policyWith(closed).tables.item as TablePolicy;

/** The condition with each gate as `{ gate: of }`. */
function shape(search: Search): unknown {
  if (search.kind === "gate") return { gate: search.of };
  return search.kind === "all" || search.kind === "any" ? { [search.kind]: search.of.map(shape) } : search;
}

const shapeOf = (condition: Condition): unknown => shape(searchFor(item, condition));

describe("a gate stands", () => {
  test("for what is about the subject alone beside arms with an index, once for all of it", () => {
    const select = any(role("editor"), owner("owner_id"), all(role("admin"), aal2()), inTeam, column("status").is("a"));
    expect(shapeOf(select)).toEqual({
      any: [
        owner("owner_id"),
        inTeam,
        column("status").is("a"),
        { gate: any(role("editor"), all(role("admin"), aal2())) },
      ],
    });
  });

  test("in an arm about the subject and the row, unless the row's owner or group is the better index", () => {
    const drafts = all(role("editor"), column("flag").is(true), column("due").isPast());
    const owned = all(role("editor"), owner("team_id"));
    expect(shapeOf(any(owner("owner_id"), drafts, owned))).toEqual({
      any: [
        owner("owner_id"),
        { all: [{ gate: role("editor") }, column("flag").is(true), column("due").isPast()] },
        { all: [role("editor"), owner("team_id")] },
      ],
    });
  });

  test("wherever such an any() stands, except under not()", () => {
    const mixed = any(owner("owner_id"), role("editor"));
    const gate = { any: [owner("owner_id"), { gate: role("editor") }] };
    expect(shapeOf(all(column("flag").is(true), mixed))).toEqual({ all: [column("flag").is(true), gate] });
    expect(shapeOf(not(mixed))).toEqual(not(mixed));
  });
});

describe("no gate stands", () => {
  test.each<[string, Condition]>([
    ["where nothing is asked of the row", any(role("editor"), all(role("admin"), aal2()))],
    ["where nothing is asked of the subject alone", any(owner("owner_id"), inTeam)],
    ["beside an arm that has no index", any(owner("owner_id"), column("due").isPast(), role("editor"))],
    ["for what every person meets", any(owner("owner_id"), signedIn())],
    ["for what everybody meets", any(owner("owner_id"), anyone())],
    ["outside any()", all(owner("owner_id"), role("editor"))],
  ])("%s", (_where, condition) => {
    expect(JSON.stringify(shapeOf(condition))).not.toContain("gate");
    expect(lacksBounds(item, condition)).toBe(false);
  });

  test("where a row at hand is checked", () => {
    const mixed = any(owner("owner_id"), role("editor"));
    const { policies } = compilePostgres(policyWith({ select: mixed, insert: mixed, update: mixed, delete: mixed }))
      .tables[0] as ReturnType<typeof compilePostgres>["tables"][number];
    expect(policies.map(({ using }) => using?.includes("CASE") ?? null)).toEqual([true, null, true, true]);
    expect(policies.map(({ check }) => check?.includes("CASE") ?? null)).toEqual([null, false, false, null]);
  });
});

type KeyType = "uuid" | "integer" | "bigint" | "text";

function policyWithKey(type: KeyType): Policy {
  return defineSecurity({
    application: { name: "keys", origin: "https://localhost:8443" },
    roles: { editor: {}, admin: { requires: "aal2" } },
    tables: {
      note: { columns: { id: type, owner_id: "uuid" }, select: any(owner("owner_id"), role("editor")) },
    },
  });
}

test("a primary key without bounds keeps the plain form, and the author is told", () => {
  const { notices, tables } = compilePostgres(policyWithKey("text"));
  expect(notices.map(({ code, path }) => [code, path])).toEqual([["compile/boundless-key", "tables.note.select"]]);
  expect(tables[0]?.policies[0]?.using).not.toContain("CASE");
  expect(compilePostgres(policyWithKey("bigint")).notices).toEqual([]);
});

const READER = "00000000-0000-4000-8000-000000000001";

describe("on PostgreSQL", () => {
  let database: TestDatabase;
  let client: Client;

  beforeEach(async () => {
    database = await testDatabase();
    client = await database.administrator();
  });

  afterEach(async () => {
    await database.drop();
  });

  async function answer(roles: readonly string[], text: string): Promise<Record<string, unknown>[]> {
    const claims = { sub: READER, role: "authenticated", aal: "aal1", app_metadata: { roles } };
    return asSubject(database.pool(), claims, async (transaction) => (await transaction.query(text)).rows);
  }

  test.each<[KeyType, readonly string[]]>([
    ["uuid", ["00000000-0000-0000-0000-000000000000", READER, "ffffffff-ffff-ffff-ffff-ffffffffffff"]],
    ["integer", ["-2147483648", "0", "2147483647"]],
    ["bigint", ["-9223372036854775808", "0", "9223372036854775807"]],
  ])("a gate on %s is open from the lowest to the highest key, or not at all", async (type, keys) => {
    const [lowest, middle, highest] = keys;
    await client.query(`
      CREATE TABLE note (id ${type} PRIMARY KEY, owner_id uuid NOT NULL);
      INSERT INTO note VALUES ('${lowest}', gen_random_uuid()), ('${middle}', '${READER}'), ('${highest}', gen_random_uuid())`);
    await client.query(compilePostgres(policyWithKey(type)).text);
    const found = (rows: Record<string, unknown>[]) => rows.map(({ id }) => String(id));
    expect(found(await answer(["editor"], "SELECT id FROM note ORDER BY id"))).toEqual(keys);
    expect(found(await answer([], "SELECT id FROM note"))).toEqual([middle]);
  });

  test("a reader of the example's content never makes PostgreSQL read every row; without the gate it would", {
    timeout: 60_000,
  }, async () => {
    const example = new URL("../../../../examples/content/", import.meta.url);
    const { default: policy } = (await import(new URL("security.ts", example).href)) as { default: Policy };
    for (const name of (await readdir(new URL("migrations", example))).toSorted())
      await client.query(await readFile(new URL(`migrations/${name}`, example), "utf8"));
    const artifact = compilePostgres(policy);
    await client.query(artifact.text);
    // A hundred thousand rows are planted here, not changed by anybody: their records would take longer than the rest of the test.
    await client.query("ALTER TABLE content DISABLE TRIGGER holdfast_audit");
    await client.query(`
      INSERT INTO teams (name, owner_id) SELECT 'team', gen_random_uuid() FROM generate_series(1, 500);
      INSERT INTO content (owner_id, team_id, title, status)
        SELECT gen_random_uuid(), team.id, 'title', CASE WHEN n % 100 = 0 THEN 'published' ELSE 'draft' END
        FROM teams team, generate_series(1, 200) n;
      INSERT INTO content (owner_id, title) VALUES ('${READER}', 'own');
      INSERT INTO memberships (team_id, user_id) SELECT id, '${READER}' FROM teams LIMIT 1;
      INSERT INTO shares (content_id, user_id) SELECT id, '${READER}' FROM content LIMIT 3`);
    await client.query("VACUUM ANALYZE");
    const count = "SELECT count(*) FROM content";
    const plan = async (): Promise<string> =>
      (await answer(["reader"], `EXPLAIN ${count}`)).map((line) => line["QUERY PLAN"]).join("\n");
    const gated = await plan();
    expect(gated).not.toContain("Seq Scan on content");
    expect(gated).toContain("Bitmap Index Scan on content_pkey");
    const visible = await answer(["reader"], count);
    expect(await answer(["editor"], count)).toEqual([{ count: "100001" }]);

    const content = artifact.tables.find(({ name }) => name === "content");
    const select = content?.policies.find(({ action }) => action === "select")?.using ?? "";
    const [gate, isOpen] = /\("id" >= \(SELECT CASE WHEN .*? AND (.*) THEN .* END\) AND "id" <= .*\)/.exec(select) ?? [
      "",
      "",
    ];
    await client.query(`ALTER POLICY holdfast_select ON content USING ${select.replace(gate, () => isOpen)}`);
    expect(await plan()).toContain("Seq Scan on content");
    expect(await answer(["reader"], count)).toEqual(visible);
  });
});
