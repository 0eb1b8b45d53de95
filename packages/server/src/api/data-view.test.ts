// What is told about tables is the catalog's word, not the policy's: a table without its rules is told as one.
import { column, defineSecurity, owner, role } from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dataReport } from "./data-view.ts";

const policy = defineSecurity({
  application: { name: "letters", origin: "https://localhost:8443" },
  roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
  tables: {
    letters: {
      columns: {
        id: "uuid",
        owner_id: "uuid",
        address: { type: "text", masked: "email", unmaskedFor: role("admin") },
        body: { type: "text", sealed: true },
      },
      select: owner("owner_id"),
    },
    news: { columns: { id: "uuid", status: "text" }, select: column("status").is("published") },
  },
  services: {},
});

let database: TestDatabase;
let administrator: Awaited<ReturnType<TestDatabase["administrator"]>>;
let reader: ReturnType<TestDatabase["pool"]>;
beforeAll(async () => {
  database = await testDatabase({ migrationSets: [] });
  administrator = await database.administrator();
  reader = database.pool("holdfast_platform");
}, 60_000);
afterAll(() => database.drop());

const report = () => dataReport({ policy, policyHash: "a hash", database: reader });

test("a table that is not there, has no rules, or keeps them is told as such", async () => {
  const states = async () => (await report()).tables.map(({ name, rowSecurity }) => [name, rowSecurity]);
  expect(await states()).toEqual([
    ["letters", "absent"],
    ["news", "absent"],
  ]);
  await administrator.query("CREATE TABLE letters (id uuid PRIMARY KEY, owner_id uuid, address text, body bytea)");
  await administrator.query("CREATE TABLE news (id uuid PRIMARY KEY)");
  expect(await states()).toEqual([
    ["letters", "off"],
    ["news", "off"],
  ]);
  await administrator.query("ALTER TABLE letters ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
  await administrator.query("ALTER TABLE news ENABLE ROW LEVEL SECURITY");
  expect(await states()).toEqual([
    ["letters", "forced"],
    ["news", "on"],
  ]);
});

test("columns say what the policy asks and what the database holds", async () => {
  const [letters, news] = (await report()).tables;
  expect(letters?.columns.map(({ isSealedNow }) => isSealedNow)).toEqual([null, null, null, false]);
  expect(letters?.columns.map(({ name, mask, sealed, storedAs }) => [name, mask, sealed !== null, storedAs])).toEqual([
    ["id", null, false, "uuid"],
    ["owner_id", null, false, "uuid"],
    ["address", "email", false, "text"],
    ["body", null, true, "bytea"],
  ]);
  await administrator.query("ALTER TABLE letters DROP COLUMN body, ADD COLUMN body holdfast.sealed");
  expect((await report()).tables[0]?.columns[3]).toMatchObject({ isSealedNow: true, storedAs: "holdfast.sealed" });
  expect(news?.columns[1]).toMatchObject({ name: "status", storedAs: null });
});

test("each asker is told what they may do and by which line, those who are not signed in as well", async () => {
  const { tables } = await report();
  const read = (table: string) =>
    tables
      .find(({ name }) => name === table)
      ?.access.map(({ asker, rights }) => [asker.kind === "role" ? asker.role : asker.kind, rights[0]?.outcome]);
  expect(read("letters")).toEqual([
    ["signed-out", "refused"],
    ["no-role", "conditional"],
    ["reader", "conditional"],
    ["admin", "conditional"],
  ]);
  expect(read("news")?.[0]).toEqual(["signed-out", "conditional"]);
  expect(tables[0]?.access.map(({ unmasked }) => unmasked[0]?.outcome)).toEqual([
    "refused",
    "refused",
    "refused",
    "allowed",
  ]);
  expect(tables[0]?.access[0]?.rights.map(({ action, path }) => [action, path])[0]).toEqual([
    "letters.select",
    "tables.letters.select",
  ]);
});
