import { canonicalJson, type Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contentPolicy, type Laboratory, openLaboratory } from "../../testdata/database/laboratory.ts";
import { changesSinceApplied } from "./applied-policy.ts";
import { applyDatabase } from "./apply-database.ts";
import { describeChange } from "./change-text.ts";

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openLaboratory();
});
afterAll(() => laboratory.database.drop());

const content = contentPolicy.tables.content as (typeof contentPolicy.tables)[string];
const withContent = (change: Partial<typeof content>): Policy => ({
  ...contentPolicy,
  tables: { ...contentPolicy.tables, content: { ...content, ...change } },
});

test("before a first apply there is nothing to compare with", async () => {
  expect(await changesSinceApplied(laboratory.client, contentPolicy)).toBeNull();
});

test("an apply keeps the policy, and the next plan says what a change lets in or shuts out", async () => {
  const { client, artifact } = laboratory;
  await applyDatabase(client, artifact, contentPolicy);
  expect(await changesSinceApplied(client, contentPolicy)).toEqual([]);
  const looser = await changesSinceApplied(client, withContent({ select: { kind: "anyone" } }));
  expect(looser).toMatchObject([{ path: "tables.content.select", effect: "looser" }]);
  const [sentence, witness] = (looser ?? []).flatMap(describeChange);
  expect(sentence).toMatch(/^▲ looser {3}tables\.content\.select: was .+, becomes anyone\(\)$/);
  expect(witness).toMatch(/^ +lets in .+, at a row with /);
  const tighter = await changesSinceApplied(client, withContent({ select: { kind: "nobody" } }));
  expect((tighter ?? []).flatMap(describeChange).join("\n")).toMatch(
    /▼ tighter {2}tables\.content\.select[^]+shuts out /,
  );
});

test("a change that the database does not hold is kept as well, by the same hash", async () => {
  const { client, artifact } = laboratory;
  await applyDatabase(client, artifact, contentPolicy);
  const renamed = { ...contentPolicy, application: { ...contentPolicy.application, name: "other" } };
  const report = await applyDatabase(client, artifact, renamed);
  expect(report.changes).toEqual([]);
  expect(await changesSinceApplied(client, renamed)).toEqual([]);
  const { rows } = await client.query(
    "SELECT statements -> 'policy' AS kept FROM holdfast.manifest ORDER BY id DESC LIMIT 1",
  );
  expect(canonicalJson(rows[0].kept)).toBe(canonicalJson(renamed));
});

test("what another version kept in another form is not half understood", async () => {
  const { client } = laboratory;
  await client.query(`UPDATE holdfast.manifest SET statements = '{"policy": {"roles": null}}'`);
  expect(await changesSinceApplied(client, contentPolicy)).toBeNull();
  await client.query("UPDATE holdfast.manifest SET statements = '[]'");
  expect(await changesSinceApplied(client, contentPolicy)).toBeNull();
});
