// What `holdfast plan` says of our own example: nothing to warn of.
import { fileURLToPath } from "node:url";
import { compilePostgres } from "@holdfast/compile";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import policy from "../examples/content/security.ts";
import { planDatabase } from "../packages/cli/src/database/plan-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  const directory = fileURLToPath(new URL("../examples/content/migrations/", import.meta.url));
  database = await testDatabase({ migrationSets: [{ name: "application", directory }] });
});
afterAll(() => database.drop());

test("the example has no trap outside its policy, and the finding comes back when a reason is taken away", async () => {
  const artifact = compilePostgres(policy);
  expect(artifact.notices).toEqual([]);
  const client = await database.administrator();
  try {
    expect((await planDatabase(client, artifact)).findings).toEqual([]);
    await client.query("comment on constraint notes_content_id_fkey on public.notes is null");
    expect((await planDatabase(client, artifact)).findings).toMatchObject([{ code: "lint/cascade" }]);
  } finally {
    await client.end();
  }
});
