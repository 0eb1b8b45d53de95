import { inspectDatabase, inspectInTransaction } from "@holdfast/postgres";
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

test("the same database with one line of its policy taken away is accused", async () => {
  await laboratory.client.query("BEGIN");
  await laboratory.client.query("ALTER TABLE public.content DISABLE ROW LEVEL SECURITY");
  const { findings } = await inspectInTransaction(laboratory.client, { attacks: "reads" });
  await laboratory.client.query("ROLLBACK");
  expect(findings).toContainEqual(
    expect.objectContaining({ rule: "policies-without-row-security", object: "public.content", severity: "error" }),
  );
});
