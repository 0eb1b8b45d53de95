import { afterAll, beforeAll, expect, test } from "vitest";
import { contentPolicy, type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { applyPolicy, type PolicyOutcome } from "./apply-policy.ts";

let laboratory: Laboratory;

beforeAll(async () => {
  laboratory = await openLaboratory();
});

afterAll(async () => {
  await laboratory.database.drop();
});

/** A start that has just run these migrations. */
function startAfter(applied: readonly string[]): Promise<PolicyOutcome> {
  return applyPolicy({ ...laboratory.database.prepared, applied }, contentPolicy, []);
}

const REPLACE = "ALTER FUNCTION holdfast.subject_id() COST";

test("a first start applies the policy, and a second changes nothing", async () => {
  expect((await startAfter(["base/0001_base.sql"])).kind).toBe("applied");
  expect(await startAfter([])).toEqual({ kind: "unchanged" });
});

test("base functions that an upgrade of Holdfast has just replaced are applied, not drift", async () => {
  await laboratory.client.query(`${REPLACE} 1234;
    CREATE FUNCTION holdfast.newer() RETURNS integer LANGUAGE sql RETURN 1;
    REVOKE EXECUTE ON FUNCTION holdfast.newer() FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION holdfast.newer() TO authenticated`);
  expect(await startAfter(["base/0009_newer.sql"])).toEqual({ kind: "applied", changes: 2 });
  expect(await startAfter([])).toEqual({ kind: "unchanged" });
});

test("base functions that somebody replaced without a migration are drift, also when the application's own migrations ran", async () => {
  await laboratory.client.query(`${REPLACE} 4321`);
  expect(await startAfter(["application/0002_more.sql"])).toMatchObject({
    kind: "drift",
    differences: [{ code: "drift/base-function" }],
  });
});

test("an upgrade hides no other drift", async () => {
  await laboratory.client.query(`${REPLACE} 1111; ALTER POLICY holdfast_delete ON content USING (true)`);
  const outcome = await startAfter(["base/0010_newest.sql"]);
  expect(outcome).toMatchObject({ kind: "drift", differences: [{ code: "drift/policy-changed" }] });
});
