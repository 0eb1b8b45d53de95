import type { LintCode } from "@holdfast/compile";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyDatabase, applyPolicy } from "./apply-database.ts";
import { type DifferenceCode, describeDifference } from "./difference.ts";
import { findDrift } from "./find-drift.ts";
import { comparePolicy } from "./plan-database.ts";

let laboratory: Laboratory;
let memberSet: string;

beforeAll(async () => {
  laboratory = await openLaboratory();
  await applyDatabase(laboratory.client, laboratory.artifact);
  memberSet = `holdfast_set."${laboratory.artifact.sets[0]?.name}"()`;
});

afterAll(async () => {
  await laboratory.database.drop();
});

// Every tampering stays in a transaction that is rolled back: roles belong to the cluster, which other tests use.
beforeEach(async () => {
  await laboratory.client.query("BEGIN");
});

/** The comparison empties the search path for the rest of the transaction. */
async function tamper(sql: string): Promise<void> {
  await laboratory.client.query(`SET LOCAL search_path = public; ${sql}`);
}

afterEach(async () => {
  await laboratory.client.query("ROLLBACK");
});

const owned = '"owner_id" = (SELECT holdfast.subject_id())';

const tamperings: readonly (readonly [what: string, code: DifferenceCode, sql: string])[] = [
  [
    "the force is taken from row level security",
    "drift/row-security",
    "ALTER TABLE content NO FORCE ROW LEVEL SECURITY",
  ],
  ["row level security is switched off", "drift/row-security", "ALTER TABLE content DISABLE ROW LEVEL SECURITY"],
  ["a table gets another owner", "drift/owner", "ALTER TABLE content OWNER TO authenticated"],
  ["a policy is dropped", "drift/policy-missing", "DROP POLICY holdfast_delete ON content"],
  [
    "a second permissive policy is added",
    "drift/policy-unexpected",
    "CREATE POLICY extra ON content FOR SELECT USING (true)",
  ],
  ["a policy's USING is widened", "drift/policy-changed", `ALTER POLICY holdfast_delete ON content USING (true)`],
  [
    "a policy's WITH CHECK is dropped down to true",
    "drift/policy-changed",
    "ALTER POLICY holdfast_update ON content WITH CHECK (true)",
  ],
  [
    "the policy of the sets is given to requests",
    "drift/policy-changed",
    "ALTER POLICY holdfast_read_sets ON memberships TO authenticated",
  ],
  ["a policy is given to PUBLIC", "drift/policy-changed", "ALTER POLICY holdfast_delete ON content TO PUBLIC"],
  [
    "a policy is replaced by a restrictive one",
    "drift/policy-changed",
    `DROP POLICY holdfast_insert ON teams; CREATE POLICY holdfast_insert ON teams AS RESTRICTIVE FOR INSERT TO authenticated WITH CHECK (${owned})`,
  ],
  [
    "a policy is made for all commands",
    "drift/policy-changed",
    `DROP POLICY holdfast_insert ON teams; CREATE POLICY holdfast_insert ON teams FOR ALL TO authenticated WITH CHECK (${owned})`,
  ],
  ["a column more may be read", "drift/grant-unexpected", "GRANT SELECT (secret) ON content TO authenticated"],
  [
    "a read-only column may be written",
    "drift/grant-unexpected",
    "GRANT UPDATE (created_at) ON content TO authenticated",
  ],
  ["a whole table may be read", "drift/grant-unexpected", "GRANT SELECT ON content TO authenticated"],
  ["everybody may truncate", "drift/grant-unexpected", "GRANT TRUNCATE ON content TO PUBLIC"],
  ["references may be made", "drift/grant-unexpected", "GRANT REFERENCES ON content TO authenticated"],
  ["triggers may be made", "drift/grant-unexpected", "GRANT TRIGGER ON content TO anon"],
  ["the reader may read more", "drift/grant-unexpected", "GRANT SELECT ON content TO holdfast_reader"],
  ["a foreign role may read", "drift/grant-unexpected", "GRANT SELECT ON content TO pg_monitor"],
  ["a right is missing", "drift/grant-missing", "REVOKE UPDATE (title) ON content FROM authenticated"],
  ["an index is dropped", "drift/index-missing", "DROP INDEX holdfast_content_owner_id"],
  [
    "a set returns everybody's groups",
    "drift/set-changed",
    "CREATE OR REPLACE FUNCTION SET RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = '' AS 'SELECT team_id FROM public.memberships'",
  ],
  ["a set runs with the caller's rights", "drift/set-changed", "ALTER FUNCTION SET SECURITY INVOKER"],
  ["a set belongs to another role", "drift/set-changed", "ALTER FUNCTION SET OWNER TO holdfast_owner"],
  ["everybody may call a set", "drift/set-changed", "GRANT EXECUTE ON FUNCTION SET TO PUBLIC"],
  ["a set's search path is opened", "drift/set-changed", "ALTER FUNCTION SET RESET search_path"],
  ["a set is volatile", "drift/set-changed", "ALTER FUNCTION SET VOLATILE"],
  ["a set is missing with its policies", "drift/set-missing", "DROP FUNCTION SET CASCADE"],
  [
    "a set returns another type",
    "drift/set-changed",
    "DROP FUNCTION SET CASCADE; CREATE FUNCTION SET RETURNS SETOF text LANGUAGE sql AS 'SELECT NULL::text'",
  ],
  [
    "a function more stands among the sets",
    "drift/set-unexpected",
    "CREATE FUNCTION holdfast_set.mine(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
  ],
  ["a table the policy does not name is opened", "drift/unlisted-open", "GRANT SELECT ON forgotten TO authenticated"],
  ["a new table stands without row level security", "drift/unlisted-open", "CREATE TABLE later (id integer)"],
  ["a sequence is opened", "drift/unlisted-open", "GRANT USAGE ON SEQUENCE forgotten_id_seq TO authenticated"],
  [
    "a table the policy does not name has a policy",
    "drift/unlisted-open",
    "CREATE POLICY all_rows ON forgotten USING (true)",
  ],
  [
    "a child of a table is open by itself",
    "drift/unlisted-open",
    "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.part () INHERITS (public.content)",
  ],
  ["the reader can log in", "drift/reader-role", "ALTER ROLE holdfast_reader LOGIN"],
  ["the reader passes row level security", "drift/reader-role", "ALTER ROLE holdfast_reader BYPASSRLS"],
  ["the reader belongs to another role", "drift/role-membership", "GRANT holdfast_owner TO holdfast_reader"],
  ["the API may become the service role", "drift/role-membership", "GRANT service_role TO holdfast_api"],
  ["authenticated belongs to the owner", "drift/role-membership", "GRANT holdfast_owner TO authenticated"],
  ["authenticated passes row level security", "drift/role-attribute", "ALTER ROLE authenticated BYPASSRLS"],
  ["the API is a superuser", "drift/role-attribute", "ALTER ROLE holdfast_api SUPERUSER"],
  ["requests may make tables", "drift/schema-grant", "GRANT CREATE ON SCHEMA public TO authenticated"],
  ["requests may not use the schema", "drift/schema-grant", "REVOKE USAGE ON SCHEMA public FROM anon"],
  [
    "the reader may not ask who the subject is",
    "drift/grant-missing",
    "REVOKE EXECUTE ON FUNCTION holdfast.subject_id() FROM holdfast_reader",
  ],
  [
    "the reader may not use the base schema",
    "drift/schema-grant",
    "REVOKE USAGE ON SCHEMA holdfast FROM holdfast_reader",
  ],
  ["the schema of the sets is gone", "drift/schema", "DROP SCHEMA holdfast_set CASCADE"],
  [
    "the function that says who the subject is answers with whatever a setting says",
    "drift/base-function",
    "CREATE OR REPLACE FUNCTION holdfast.subject_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE RETURN current_setting('who.am.i')::uuid",
  ],
  [
    "the function that says who the subject is gets another owner",
    "drift/base-function",
    "ALTER FUNCTION holdfast.subject_id() OWNER TO holdfast_platform",
  ],
  ["another policy was applied last", "drift/manifest", "INSERT INTO holdfast.manifest (hash) VALUES ('another')"],
];

test("a database that nobody touched has no drift", async () => {
  expect((await comparePolicy(laboratory.client, laboratory.artifact)).changes).toEqual([]);
});

describe("drift is named, and apply removes it", () => {
  test.each(tamperings)("%s", async (_what, code, sql) => {
    const { client, artifact } = laboratory;
    await tamper(sql.replaceAll("FUNCTION SET", () => `FUNCTION ${memberSet}`));
    const { changes } = await comparePolicy(client, artifact);
    expect(changes.map((change) => change.code)).toContain(code);
    for (const change of changes) expect(describeDifference(change)).toContain(change.object);
    await applyPolicy(client, artifact);
    expect((await comparePolicy(client, artifact)).changes).toEqual([]);
  });
});

const traps: readonly (readonly [what: string, code: LintCode, sql: string])[] = [
  [
    "a view that reads with its owner's rights",
    "lint/view-not-invoker",
    "CREATE VIEW every AS SELECT * FROM content; GRANT SELECT ON every TO authenticated",
  ],
  [
    "a materialized view that requests may read",
    "lint/materialized-view",
    "CREATE MATERIALIZED VIEW every AS SELECT * FROM content; GRANT SELECT ON every TO anon",
  ],
  [
    "a SECURITY DEFINER function that everybody may call",
    "lint/security-definer-function",
    "CREATE FUNCTION every() RETURNS SETOF content LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.content'; GRANT EXECUTE ON FUNCTION every() TO PUBLIC",
  ],
  [
    "a function marked leakproof",
    "lint/leakproof-function",
    "CREATE FUNCTION see(text) RETURNS boolean LANGUAGE plpgsql LEAKPROOF COST 0.0001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'",
  ],
  [
    "a rewrite rule",
    "lint/rewrite-rule",
    "CREATE RULE copy AS ON INSERT TO teams DO ALSO INSERT INTO forgotten (note) VALUES (NEW.name)",
  ],
  [
    "a column under a nondeterministic collation",
    "lint/collation",
    "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false); ALTER TABLE content ALTER COLUMN title TYPE text COLLATE blind",
  ],
  [
    "default privileges that open what is made later",
    "lint/default-privileges",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO authenticated",
  ],
  [
    "a cascade to rows the deleter may not see",
    "lint/cascade",
    "ALTER TABLE shares ADD FOREIGN KEY (content_id) REFERENCES content ON DELETE CASCADE",
  ],
  ["a unique key across owners", "lint/unique-oracle", "CREATE UNIQUE INDEX one_title ON content (title)"],
  ["an index whose operators are not leakproof", "lint/leaky-filter", "CREATE INDEX by_price ON plans (price)"],
  ["a publication of a protected table", "lint/publication", "CREATE PUBLICATION everything FOR TABLE content"],
];

describe("a trap outside the policy is found", () => {
  test.each(traps)("%s", async (_what, code, sql) => {
    const { client, artifact } = laboratory;
    const before = await comparePolicy(client, artifact);
    expect(before.findings.map((finding) => finding.code)).not.toContain(code);
    await tamper(sql);
    const { findings } = await comparePolicy(client, artifact);
    const found = findings.find((finding) => finding.code === code);
    expect(found).toBeDefined();
    if (found?.severity === "refused") {
      await expect(applyPolicy(client, artifact)).rejects.toMatchObject({ code: "apply/refused" });
    } else {
      await expect(applyPolicy(client, artifact)).resolves.toMatchObject({ hash: artifact.hash });
    }
  });

  test("a foreign key to a protected table is a warning where its writer is free to choose the value", async () => {
    const { client, artifact } = laboratory;
    const { findings } = await comparePolicy(client, artifact);
    const oracles = findings.filter(({ code }) => code === "lint/foreign-key-oracle").map(({ object }) => object);
    // content: an owner may move a text into any team. memberships: only into a team one leads. shares: nobody writes them.
    expect(oracles).toEqual(["public.content.team_id"]);
  });

  test("a cascade is no warning once a migration says why it is meant, and still one where the reason is missing", async () => {
    const { client, artifact } = laboratory;
    const key =
      "ALTER TABLE shares ADD CONSTRAINT of_content FOREIGN KEY (content_id) REFERENCES content ON DELETE CASCADE";
    const found = async () => (await comparePolicy(client, artifact)).findings.map(({ code }) => code);
    await tamper(`${key}; COMMENT ON CONSTRAINT of_content ON shares IS 'cascade is meant:'`);
    expect(await found()).toContain("lint/cascade");
    await tamper("COMMENT ON CONSTRAINT of_content ON shares IS 'cascade is meant: nothing is shared that is gone'");
    expect(await found()).not.toContain("lint/cascade");
  });

  test("a unique key is no warning when the writer's own id is part of it", async () => {
    const { client, artifact } = laboratory;
    await tamper("CREATE UNIQUE INDEX one_name_each ON teams (owner_id, name)");
    const { findings } = await comparePolicy(client, artifact);
    expect(findings.map(({ code }) => code)).not.toContain("lint/unique-oracle");
  });
});

test("a database that undoes what apply does is refused as a whole", async () => {
  const { client, artifact } = laboratory;
  await tamper(`
    CREATE FUNCTION reopen() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN GRANT SELECT ON public.forgotten TO anon; END $$;
    CREATE EVENT TRIGGER reopen ON ddl_command_end WHEN TAG IN ('REVOKE') EXECUTE FUNCTION reopen();
    GRANT SELECT ON forgotten TO anon`);
  await expect(applyPolicy(client, artifact)).rejects.toMatchObject({
    code: "apply/not-converged",
    differences: [{ code: "drift/unlisted-open", object: "public.forgotten" }],
  });
});

test("the drift check changes nothing and needs no transaction of the caller", async () => {
  const { client, artifact } = laboratory;
  await client.query("ROLLBACK");
  expect(await findDrift(client, artifact)).toMatchObject({ differences: [] });
  await client.query("BEGIN");
});
