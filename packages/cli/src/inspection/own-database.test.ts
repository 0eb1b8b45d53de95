import { inspectDatabase, inspectInTransaction, inspectionRules } from "@holdfast/postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyDatabase } from "../database/apply-database.ts";

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
  await applyDatabase(laboratory.client, laboratory.artifact);
});

afterAll(async () => {
  await laboratory.database.drop();
});

test("a database to which a policy was applied has no fault that the policy does not ask for", async () => {
  const { findings, unseen } = await inspectDatabase(laboratory.client, { attacks: "writes" });
  const said = findings
    // The server of the tests waits for no disk, and other tests make roles of their own.
    .filter(
      ({ rule, severity }) =>
        severity !== "note" &&
        !["server-setting-weak", "login-bypasses-policies", "bypass-within-reach"].includes(rule),
    )
    .map(({ rule, object }) => `${rule}: ${object}`);
  expect([...new Set(said)]).toEqual([
    // anyone() was written for plans, and announcements are searched for by the time they begin.
    "policy-reads-all: policy holdfast_select on public.plans",
    "policy-plan: public.announcements",
  ]);
  expect(unseen).toEqual([]);
});

test("its gates, which read the claims before they are verified, are no fault; a policy that trusts them alone is one", async () => {
  const rules = inspectionRules.filter(({ id }) => id === "policy-setting-trusted");
  const trusting = async (): Promise<readonly string[]> =>
    (await inspectInTransaction(laboratory.client, { attacks: "reads", rules })).findings.map(({ object }) => object);
  const claims = "nullif(current_setting('request.jwt.claims', true), '')::jsonb";
  const verified = "holdfast.roles() && '{admin}'";
  const role = `${claims} #> '{app_metadata,roles}' ? 'admin'`;
  await laboratory.client.query("BEGIN");
  const { rows } = await laboratory.client.query(
    "SELECT 1 FROM pg_catalog.pg_policies WHERE qual LIKE '%current_setting%' LIMIT 1",
  );
  expect(rows).toHaveLength(1);
  expect(await trusting()).toEqual([]);
  for (const [name, condition] of Object.entries({
    alone: role,
    either: `${role} OR ${verified}`,
    another: `${role} AND holdfast.is_aal2()`,
    of_the_row: `id::text = ${claims} ->> 'sub' AND ${verified}`,
    beside_either: `${role} AND (${verified} OR now() > '2000-01-01')`,
    refused: `${role} AND NOT ${verified}`,
  })) {
    await laboratory.client.query(`CREATE POLICY ${name} ON public.content FOR SELECT USING (${condition})`);
  }
  expect((await trusting()).toSorted()).toEqual(
    ["alone", "another", "beside_either", "either", "of_the_row", "refused"].map(
      (name) => `policy ${name} on public.content`,
    ),
  );
  await laboratory.client.query("ROLLBACK");
});

test("the same database with one line of its policy taken away is accused", async () => {
  await laboratory.client.query("BEGIN");
  await laboratory.client.query("ALTER TABLE public.content DISABLE ROW LEVEL SECURITY");
  const { findings } = await inspectInTransaction(laboratory.client, { attacks: "reads" });
  await laboratory.client.query("ROLLBACK");
  expect(findings).toContainEqual(
    expect.objectContaining({ rule: "policies-without-row-security", object: "public.content", severity: "error" }),
  );
});
