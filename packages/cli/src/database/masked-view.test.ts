import { compilePostgres } from "@holdfast/compile";
import { any, column, defineSecurity, member, owner, role } from "@holdfast/policy";
import { asSubject, inspectInTransaction } from "@holdfast/postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyDatabase, applyPolicy } from "./apply-database.ts";
import type { DifferenceCode } from "./difference.ts";
import { renewMaskedView } from "./masked-view.ts";
import { comparePolicy } from "./plan-database.ts";

const ada = "aaaaaaaa-0000-4000-8000-000000000001";
const bea = "bbbbbbbb-0000-4000-8000-000000000001";

const policyOf = (isMasked: boolean) =>
  defineSecurity({
    application: { name: "people", origin: "https://localhost:8443" },
    roles: { support: {}, admin: { requires: "aal2" } },
    tables: {
      people: {
        columns: {
          id: "uuid",
          owner_id: "uuid",
          team_id: { type: "uuid", nullable: true },
          address: isMasked
            ? {
                type: "text",
                masked: "email",
                unmaskedFor: any(
                  owner("owner_id"),
                  member({ column: "team_id", table: "ties", group: "team_id", subject: "user_id" }),
                ),
              }
            : "text",
        },
        select: any(owner("owner_id"), role("support"), column("team_id").isNull()),
        insert: owner("owner_id"),
        update: owner("owner_id"),
      },
      ties: { columns: { id: "uuid", team_id: "uuid", user_id: "uuid" } },
    },
  });

const masked = compilePostgres(policyOf(true));
let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
  await laboratory.client.query(`
    CREATE TABLE public.people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL, team_id uuid, address text NOT NULL);
    CREATE TABLE public.ties (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), team_id uuid NOT NULL, user_id uuid NOT NULL);
    INSERT INTO public.people (owner_id, team_id, address) VALUES
      ('${ada}', NULL, 'ada@example.com'), ('${bea}', NULL, 'bea@example.com'), ('${bea}', gen_random_uuid(), 'hidden@example.com')`);
  await applyDatabase(laboratory.client, masked);
});

afterAll(async () => {
  await laboratory.database.drop();
});

const claimsOf = (sub: string, roles: readonly string[] = []) => ({
  sub,
  role: "authenticated",
  aal: "aal1",
  exp: Math.floor(Date.now() / 1_000) + 60,
  app_metadata: { roles },
});

async function rowsAs(sub: string, sql: string, roles: readonly string[] = []): Promise<readonly unknown[]> {
  const pool = laboratory.database.pool();
  const result = await asSubject(pool, claimsOf(sub, roles), (transaction) => transaction.query(sql));
  return (result as { rows: readonly unknown[] }).rows;
}

describe("a masked column", () => {
  test("is shown to whom the policy says and masked for everybody else, in the rows they see", async () => {
    const sql = "SELECT address FROM holdfast_masked.people ORDER BY address";
    expect(await rowsAs(ada, sql)).toEqual([{ address: "ada@example.com" }, { address: "b***@example.com" }]);
    expect(await rowsAs(ada, sql, ["support"])).toHaveLength(3);
    expect(await rowsAs(bea, sql)).toEqual([
      { address: "a***@example.com" },
      { address: "bea@example.com" },
      { address: "hidden@example.com" },
    ]);
  });

  test("cannot be read in the table, nor found, ordered or returned by", async () => {
    for (const sql of [
      "SELECT address FROM public.people",
      "SELECT id FROM public.people WHERE address = 'bea@example.com'",
      "SELECT id FROM public.people ORDER BY address",
      `UPDATE public.people SET team_id = NULL WHERE owner_id = '${ada}' RETURNING address`,
    ])
      await expect(rowsAs(ada, sql)).rejects.toMatchObject({ code: "database/refused" });
    expect(await rowsAs(ada, "SELECT owner_id FROM public.people")).toHaveLength(2);
    // It may still be written by whom the policy lets write the row.
    await rowsAs(ada, `UPDATE public.people SET address = 'ada@example.com' WHERE owner_id = '${ada}'`);
  });

  test("is no oracle: the view finds and orders by the mask", async () => {
    expect(await rowsAs(ada, "SELECT FROM holdfast_masked.people WHERE address = 'bea@example.com'")).toHaveLength(0);
    expect(await rowsAs(ada, "SELECT FROM holdfast_masked.people WHERE address LIKE 'be%'")).toHaveLength(0);
    expect(await rowsAs(ada, "SELECT FROM holdfast_masked.people WHERE address = 'b***@example.com'")).toHaveLength(1);
  });

  test("without the mask the same reader sees the address", async () => {
    const { client } = laboratory;
    await client.query("BEGIN");
    await applyPolicy(client, compilePostgres(policyOf(false)));
    expect((await comparePolicy(client, compilePostgres(policyOf(false)))).changes).toEqual([]);
    const { rows } = await client.query(
      "SELECT has_column_privilege('authenticated', 'public.people', 'address', 'SELECT') AS may, to_regclass('holdfast_masked.people') AS view",
    );
    expect(rows).toEqual([{ may: true, view: null }]);
    await client.query("ROLLBACK");
  });
});

const tamperings: readonly (readonly [what: string, code: DifferenceCode, sql: string])[] = [
  ["a masked view is dropped", "drift/view-missing", "DROP VIEW holdfast_masked.people"],
  [
    "a masked view shows the column",
    "drift/view-changed",
    "CREATE OR REPLACE VIEW holdfast_masked.people AS SELECT address, id, owner_id, team_id FROM public.people",
  ],
  [
    "a masked view is given to whoever applies",
    "drift/view-changed",
    "ALTER VIEW holdfast_masked.people OWNER TO CURRENT_USER",
  ],
  ["somebody else may read it", "drift/view-changed", "GRANT SELECT ON holdfast_masked.people TO PUBLIC"],
  ["a view is added", "drift/view-unexpected", "CREATE VIEW holdfast_masked.everything AS SELECT * FROM public.people"],
  ["requests lose the schema", "drift/masker-role", "REVOKE USAGE ON SCHEMA holdfast_masked FROM authenticated"],
  ["the owner of the views passes policies", "drift/masker-role", "ALTER ROLE holdfast_masker BYPASSRLS"],
  [
    "requests may read the column in the table",
    "drift/grant-unexpected",
    "GRANT SELECT (address) ON public.people TO authenticated",
  ],
];

test("a column that the policy seals leaves the view at once, so that it can be exchanged", async () => {
  const { client } = laboratory;
  const policy = policyOf(true);
  const people = policy.tables["people"] as (typeof policy.tables)[string];
  const columns = { ...people.columns, note: { type: "text", nullable: true, writable: true } } as const;
  const withNote = (note: object) =>
    compilePostgres({
      ...policy,
      tables: { ...policy.tables, people: { ...people, columns: { ...columns, note: { ...columns.note, ...note } } } },
    });
  await client.query("ALTER TABLE public.people ADD COLUMN note text");
  await renewMaskedView(client, withNote({}), "people");
  await expect(client.query("ALTER TABLE public.people DROP COLUMN note")).rejects.toMatchObject({ code: "2BP01" });
  await renewMaskedView(client, withNote({ sealed: { blindIndex: false, subject: null } }), "people");
  await client.query("ALTER TABLE public.people DROP COLUMN note");
  expect(await rowsAs(ada, "SELECT address FROM holdfast_masked.people")).toHaveLength(2);
  await renewMaskedView(client, masked, "people");
});

describe("drift", () => {
  beforeEach(async () => {
    await laboratory.client.query("BEGIN");
  });

  afterEach(async () => {
    await laboratory.client.query("ROLLBACK");
  });

  test("nothing is found in what was applied", async () => {
    expect((await comparePolicy(laboratory.client, masked)).changes).toEqual([]);
  });

  test.each(tamperings)("when %s it is found, and mended", async (_, code, sql) => {
    const { client } = laboratory;
    await client.query(sql);
    const { changes } = await comparePolicy(client, masked);
    expect(changes.map((change) => change.code)).toEqual([code]);
    await applyPolicy(client, masked);
    expect((await comparePolicy(client, masked)).changes).toEqual([]);
  });

  test("an inspection knows that the view's owner is bound by policies made for it, and does not accuse the view", async () => {
    const { client } = laboratory;
    const accused = async () =>
      (await inspectInTransaction(client)).findings
        .filter(({ object }) => object === "holdfast_masked.people")
        .map(({ rule }) => rule);
    expect(await accused()).toEqual([]);
    await client.query("ALTER ROLE holdfast_masker BYPASSRLS");
    expect(await accused()).toEqual(["view-owner-rights"]);
  });
});
