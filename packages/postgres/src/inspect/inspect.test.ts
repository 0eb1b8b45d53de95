import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing.ts";
import { inspectDatabase } from "./inspect.ts";
import { rules } from "./rules.ts";

const TABLES = 1_000;
/** Of the tables that keep the audit log. */
const AUDIT_POLICIES = 11;
const PASSWORD = "only-in-this-test";

let database: TestDatabase;
let client: pg.Client;
let reader: string;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
  reader = `reader_${database.name}`;
  await client.query(
    `CREATE ROLE ${reader} LOGIN PASSWORD '${PASSWORD}'; GRANT CONNECT ON DATABASE ${database.name} TO ${reader}`,
  );
  await client.query(`
    CREATE TABLE public.notes (id uuid PRIMARY KEY, owner_id uuid, title text);
    INSERT INTO public.notes VALUES (gen_random_uuid(), gen_random_uuid(), 'private');
    GRANT SELECT ON public.notes TO authenticated;`);
});

afterAll(async () => {
  await client.query(`DROP OWNED BY ${reader}; DROP ROLE ${reader}`);
  await database.drop();
});

async function asReader<T>(work: (reading: pg.Client) => Promise<T>): Promise<T> {
  const reading = new pg.Client({ ...database.settings(), user: reader, password: PASSWORD });
  await reading.connect();
  try {
    return await work(reading);
  } finally {
    await reading.end();
  }
}

describe("a user that may only read the catalogs", () => {
  test("finds what is open, and says what it could not see", async () => {
    const inspection = await asReader((reading) => inspectDatabase(reading));
    expect(inspection.findings).toContainEqual(
      expect.objectContaining({ rule: "row-security-off", object: "public.notes", severity: "error" }),
    );
    expect(inspection.unseen.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining(["password-md5", "host-authentication-weak"]),
    );
    expect(inspection.looked.rules).toBe(rules.length);
  });

  test("cannot attack as somebody it may not become, and says so", async () => {
    const { findings } = await asReader((reading) => inspectDatabase(reading, { attacks: "reads" }));
    const found = findings.find((each) => each.rule === "row-security-off" && each.object === "public.notes");
    expect(found?.proof?.outcome).toBe("not-run");
  });
});

test("an inspection with every attack leaves the database as it was", async () => {
  const state = async () =>
    (
      await client.query(`SELECT (SELECT count(*)::int FROM public.notes) AS notes, (SELECT count(*)::int FROM pg_class) AS relations,
        (SELECT count(*)::int FROM pg_proc) AS functions, current_user::text AS "user"`)
    ).rows[0];
  const before = await state();
  const { findings } = await inspectDatabase(client, { attacks: "writes" });
  expect(
    findings.find((each) => each.rule === "row-security-off" && each.object === "public.notes")?.proof,
  ).toMatchObject({
    outcome: "shown",
  });
  expect(await state()).toEqual(before);
});

test("a query that takes too long is told, and the other rules go on", async () => {
  const [first] = rules.filter((rule) => rule.kind === "catalog");
  if (first?.kind !== "catalog") throw new Error("there is no catalog rule");
  const slow = { ...first, id: "slow", query: "SELECT 'x' AS object FROM pg_catalog.pg_sleep(0.2)" };
  const broken = { ...first, id: "broken", query: "SELECT nothing AS object FROM nowhere" };
  const { unseen, findings } = await inspectDatabase(client, {
    rules: [broken, slow, ...rules.filter(({ id }) => id === "row-security-off")],
  });
  expect(unseen).toEqual([expect.objectContaining({ rule: "broken", what: expect.stringContaining("42P01") })]);
  expect(findings.some(({ object }) => object === "public.notes")).toBe(true);
});

test("a role that is not there is refused by name", async () => {
  await expect(inspectDatabase(client, { requestRoles: ["nobody_of_that_name"] })).rejects.toThrow(
    "nobody_of_that_name",
  );
});

test(`${TABLES} tables with policies are looked at in seconds, and findings beyond the limit are counted`, async () => {
  await client.query("CREATE SCHEMA many; GRANT USAGE ON SCHEMA many TO authenticated");
  await client.query(`DO $$BEGIN FOR n IN 1..${TABLES + 10} LOOP
    EXECUTE format('CREATE TABLE many.t%s (id uuid PRIMARY KEY, owner_id uuid); GRANT SELECT ON many.t%s TO authenticated;', n, n);
    IF n <= ${TABLES / 2} THEN EXECUTE format('CREATE POLICY own ON many.t%s FOR SELECT TO authenticated USING (owner_id = id)', n); END IF;
  END LOOP; END$$`);
  const started = performance.now();
  const inspection = await inspectDatabase(client);
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(inspection.looked).toMatchObject({ policies: TABLES / 2 + AUDIT_POLICIES });
  expect(inspection.findings.filter(({ rule }) => rule === "policies-without-row-security")).toHaveLength(TABLES / 2);
  const wholly = await inspectDatabase(client, { rules: rules.filter(({ id }) => id === "sensitive-column") });
  expect(wholly.more).toEqual({});
  await client.query("DROP SCHEMA many CASCADE").catch(() => undefined); // Too many locks for one statement on a small server: the database goes anyhow.
});

test("no plan is made of what somebody else owns with rights that they could take up", async () => {
  const owner = `owner_${database.name}`;
  await client.query(`CREATE ROLE ${owner} LOGIN; GRANT CREATE, USAGE ON SCHEMA public TO ${owner}; SET ROLE ${owner};
    CREATE FUNCTION public.leave() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
      RESET ROLE; RAISE WARNING 'taken up: %', current_setting('is_superuser'); END $$;
    CREATE FUNCTION public.always(one integer) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
      PERFORM public.leave(); RETURN true; END $$;
    GRANT EXECUTE ON FUNCTION public.leave, public.always TO PUBLIC;
    CREATE TABLE public.bait (id integer PRIMARY KEY); ALTER TABLE public.bait ENABLE ROW LEVEL SECURITY;
    CREATE POLICY bait ON public.bait USING (public.always(1)); GRANT SELECT ON public.bait TO authenticated; RESET ROLE`);
  const warnings: string[] = [];
  const listen = (notice: { readonly message?: string | undefined }): number => warnings.push(String(notice.message));
  client.on("notice", listen);
  try {
    const { unseen } = await inspectDatabase(client);
    expect(warnings).toEqual([]);
    expect(unseen).toContainEqual(
      expect.objectContaining({ rule: "policy-plan", what: expect.stringContaining(`plans of what ${owner} owns`) }),
    );
    // Whoever has nothing to lend makes the plan.
    await client.query(`GRANT authenticated TO ${reader}`);
    expect((await asReader((reading) => inspectDatabase(reading))).unseen).not.toContainEqual(
      expect.objectContaining({ what: expect.stringContaining("plans of what") }),
    );
  } finally {
    client.off("notice", listen);
    await client.query(`REVOKE authenticated FROM ${reader}; DROP OWNED BY ${owner}; DROP ROLE ${owner}`);
  }
});
