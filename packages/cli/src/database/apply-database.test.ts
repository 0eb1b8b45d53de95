import { compilePostgres } from "@holdfast/compile";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { catalogText, contentPolicy, type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyDatabase, applyPolicy } from "./apply-database.ts";
import { DatabasePolicyError } from "./database-error.ts";
import { findDrift } from "./find-drift.ts";
import { comparePolicy, planDatabase } from "./plan-database.ts";

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
});

afterAll(async () => {
  await laboratory.database.drop();
});

describe("a first apply", () => {
  test("a plan names every change in words and changes nothing", async () => {
    const { client, artifact } = laboratory;
    const before = await catalogText(client);
    const plan = await planDatabase(client, artifact);
    expect(await catalogText(client)).toBe(before);
    expect(plan.obstacles).toEqual([]);
    const codes = new Set(plan.changes.map(({ code }) => code));
    expect([...codes]).toEqual(
      expect.arrayContaining([
        "drift/owner",
        "drift/row-security",
        "drift/grant-missing",
        "drift/policy-missing",
        "drift/set-missing",
        "drift/index-missing",
        "drift/unlisted-open",
        "drift/manifest",
      ]),
    );
    for (const change of plan.changes) expect(change.sql.length).toBeGreaterThan(0);
  });

  test("a connection that dies half-way leaves nothing applied", async () => {
    const { database, client, artifact } = laboratory;
    const before = await catalogText(client);
    const doomed = await database.administrator();
    const { rows } = await doomed.query("SELECT pg_backend_pid() AS pid");
    const query = doomed.query.bind(doomed) as (...all: unknown[]) => unknown;
    let policies = 0;
    // The third policy is made, and then the server process is gone.
    doomed.query = (async (...all: unknown[]) => {
      const result = await query(...all);
      if (String(all[0]).startsWith("CREATE POLICY") && !String(all[0]).includes("holdfast_twin")) policies += 1;
      if (policies === 3) await client.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
      return result;
    }) as typeof doomed.query;
    await expect(applyDatabase(doomed, artifact)).rejects.toThrow();
    expect(policies).toBe(3);
    expect(await catalogText(client)).toBe(before);
  });

  test("apply does what the plan said, and a second apply changes nothing", async () => {
    const { client, artifact } = laboratory;
    const plan = await planDatabase(client, artifact);
    const first = await applyDatabase(client, artifact);
    expect(first.changes.slice(0, plan.changes.length)).toEqual(plan.changes);
    const before = await catalogText(client);
    const second = await applyDatabase(client, artifact);
    expect(second).toMatchObject({ changes: [], hash: artifact.hash });
    expect(await catalogText(client)).toBe(before);
    expect(await findDrift(client, artifact)).toMatchObject({ differences: [] });
  });

  test("the compiled script ends in the same state as apply", async () => {
    const { client, artifact } = laboratory;
    await client.query(artifact.text);
    await client.query(artifact.text);
    expect((await findDrift(client, artifact)).differences).toEqual([]);
  });
});

test("a changed policy is applied by its differences alone, and changing it back restores the first", async () => {
  const { client, artifact } = laboratory;
  await applyDatabase(client, artifact);
  const content = contentPolicy.tables.content as (typeof contentPolicy.tables)[string];
  const changed = compilePostgres({
    ...contentPolicy,
    tables: {
      ...contentPolicy.tables,
      content: { ...content, select: { kind: "owner", column: "owner_id" }, delete: { kind: "nobody" } },
    },
  });
  const there = await applyDatabase(client, changed);
  const kinds = [...new Set(there.changes.map(({ code }) => code))].sort();
  expect(kinds).toEqual([
    "drift/grant-unexpected",
    "drift/manifest",
    "drift/policy-changed",
    "drift/policy-unexpected",
    "drift/set-changed",
    "drift/set-unexpected",
  ]);
  expect((await findDrift(client, changed)).differences).toEqual([]);
  await applyDatabase(client, artifact);
  expect((await findDrift(client, artifact)).differences).toEqual([]);
});

describe("what apply does not do", () => {
  test("a table the migrations did not make is an obstacle, and nothing is applied", async () => {
    const { client, artifact } = laboratory;
    await client.query("ALTER TABLE plans RENAME TO plans_away");
    try {
      const before = await catalogText(client);
      const failure = await applyDatabase(client, artifact).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DatabasePolicyError);
      expect(failure).toMatchObject({
        code: "apply/obstacle",
        differences: [{ code: "drift/table-missing", object: "public.plans" }],
      });
      expect(await catalogText(client)).toBe(before);
    } finally {
      await client.query("ALTER TABLE plans_away RENAME TO plans");
    }
  });

  test.each([
    ["drift/column-missing", "ALTER TABLE plans DROP COLUMN price"],
    ["drift/column-type", "ALTER TABLE plans ALTER COLUMN price TYPE text"],
    ["drift/column-nullability", "ALTER TABLE plans ALTER COLUMN price DROP NOT NULL"],
    ["drift/base-role", "ALTER ROLE anon RENAME TO anon_away"],
    ["drift/table-kind", "DROP TABLE plans; CREATE VIEW plans WITH (security_invoker) AS SELECT 1 AS id, 1.0 AS price"],
  ])("%s is an obstacle that only a migration removes", async (code, sql) => {
    const { client, artifact } = laboratory;
    await client.query("BEGIN");
    try {
      await client.query(sql);
      const plan = await comparePolicy(client, artifact);
      expect(plan.obstacles.map((obstacle) => obstacle.code)).toEqual([code]);
    } finally {
      await client.query("ROLLBACK");
    }
  });
});

test("an administrator who is not a superuser, as managed databases give one, can apply", async () => {
  const { database, client, artifact } = await openLaboratory();
  try {
    await client.query("BEGIN");
    await client.query(`
      CREATE ROLE managed CREATEROLE;
      GRANT holdfast_owner, holdfast_keeper, holdfast_reader, anon, authenticated TO managed WITH ADMIN OPTION;
      ALTER DATABASE ${database.name} OWNER TO managed;
      ALTER SCHEMA public OWNER TO managed`);
    for (const { name } of artifact.tables) await client.query(`ALTER TABLE ${name} OWNER TO managed`);
    await client.query("ALTER TABLE forgotten OWNER TO managed; SET LOCAL ROLE managed");
    await applyPolicy(client, artifact);
    expect((await comparePolicy(client, artifact)).changes).toEqual([]);
    await client.query("ROLLBACK");
  } finally {
    await database.drop();
  }
});
