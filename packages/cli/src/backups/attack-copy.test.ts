// The attack on a restored copy, on a database like one: what it may not do is undone by the next test's own database.
import { readFile } from "node:fs/promises";
import { compilePostgres } from "@holdfast/compile";
import { identityMigrations } from "@holdfast/identity";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { type DrillStep, platformMigrations } from "@holdfast/server";
import type pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentPolicy } from "../../testdata/database/laboratory.ts";
import { applyDatabase } from "../database/apply-database.ts";
import { attackCopy } from "./attack-copy.ts";

const TABLES = new URL("../../../compile/testdata/content/tables.sql", import.meta.url);
let database: TestDatabase;
let client: pg.Client;

beforeEach(async () => {
  database = await testDatabase({ migrationSets: [identityMigrations, platformMigrations] });
  client = await database.administrator();
  await client.query(await readFile(TABLES, "utf8"));
  await client.query("insert into plans values (1, 10)"); // Its key is a number without a default: it takes no canary.
  await applyDatabase(client, compilePostgres(contentPolicy));
});
afterEach(() => database.drop());

const attack = (): Promise<DrillStep> =>
  attackCopy({ settings: () => database.settings("holdfast_api") as never }, client, {
    policy: contentPolicy,
    database: { database: database.name, claimKey: database.prepared.claimKey },
    secret: async () => "",
  });

test("empty tables are attacked all the same: every action of nobody, a stranger and two people on rows that are planted", async () => {
  const { result, seen } = await attack();
  expect(result, seen).toBe("held");
  expect(Number(/planted rows (\d+) forbidden/.exec(seen)?.[1])).toBeGreaterThan(50);
  expect(Number(/and (\d+) allowed/.exec(seen)?.[1])).toBeGreaterThan(10);
});

test("a copy where one policy is missing, where row-level security is off, or where one policy more lets everybody read is broken", async () => {
  const { rows } = await client.query("select policyname from pg_policies where tablename = 'content' order by 1");
  expect(rows.length).toBeGreaterThan(0);
  await client.query("alter table content disable row level security");
  expect(await attack()).toMatchObject({ result: "broken", seen: expect.stringContaining('"content"') });
  await client.query("alter table content enable row level security");
  await client.query("create policy hole on content for select using (true)");
  expect(await attack()).toMatchObject({
    result: "broken",
    seen: expect.stringMatching(/shown to|expected a refusal/),
  });
  await client.query("drop policy hole on content");
  for (const { policyname } of rows) await client.query(`drop policy "${policyname}" on content`);
  expect(await attack()).toMatchObject({ result: "broken", seen: expect.stringMatching(/refused to|to be done/) });
});

test("a table that takes no row and has none is named, and nothing is proven", async () => {
  await client.query("delete from plans");
  expect(await attack()).toMatchObject({ result: "unproven", seen: expect.stringContaining("plans") });
});
