import { readFileSync } from "node:fs";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing.ts";
import { type Inspection, inspectInTransaction } from "./inspect.ts";
import type { Finding } from "./rule/finding.ts";
import type { Rule } from "./rule/rule.ts";
import { rules } from "./rules.ts";

/** What cannot be made inside a transaction, and has a test of its own in `cluster-rules.test.ts`. */
const elsewhere = new Set(["host-authentication-weak", "server-version-old", "index-unused", "dead-rows"]);
/** Their fix is a decision: it is a sentence for a person, or mends one of several causes. */
const byHand = new Set(["server-setting-weak", "policy-always-true", "policy-metadata"]);

let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  client = await database.administrator();
});

afterAll(async () => {
  await database.drop();
});

// Every fault stays in a transaction that is rolled back: roles belong to the cluster, which other tests use.
beforeEach(async () => {
  // One snapshot: other tests make roles meanwhile.
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
});

afterEach(async () => {
  await client.query("ROLLBACK");
});

function section(rule: Rule, name: "fault" | "sound"): string {
  const text = readFileSync(new URL(`../../testdata/inspect/${rule.id}.sql`, import.meta.url), "utf8");
  const [, fault = "", sound = ""] = /^-- fault\n([\s\S]*)\n-- sound\n([\s\S]*)$/.exec(text) ?? [];
  return name === "fault" ? fault : sound;
}

async function inspected(rule: Rule, attacks: "none" | "writes" = "none"): Promise<Inspection> {
  await client.query("SAVEPOINT inspection");
  try {
    return await inspectInTransaction(client, { rules: [rule], attacks });
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT inspection");
  }
}

/** What the rule finds in the database beside what it found without the fixture. */
async function foundAfter(rule: Rule, sql: string): Promise<readonly Finding[]> {
  const before = new Set((await inspected(rule)).findings.map(({ object, found }) => `${object} ${found}`));
  await client.query(sql);
  const after = await inspected(rule, "writes");
  expect(after.unseen).toEqual([]);
  return after.findings.filter(({ object, found }) => !before.has(`${object} ${found}`));
}

const statements = (finding: Finding): readonly string[] =>
  finding.fix.filter((line) => !line.startsWith("--")).map((line) => line.replace("INDEX CONCURRENTLY", "INDEX"));

describe.each(rules.filter(({ id }) => !elsewhere.has(id)))("$id", (rule) => {
  test("the fault is found, its attack succeeds, and its fix mends it", async () => {
    const findings = await foundAfter(rule, section(rule, "fault"));
    expect(findings.length, "nothing was found").toBeGreaterThan(0);
    for (const finding of findings) {
      expect(finding.found).not.toMatch(/undefined|NaN|\[object/);
      if (finding.attack !== undefined && finding.attack.runs !== "never")
        expect(finding.proof).toMatchObject({ outcome: "shown" });
    }
    const mending = findings.flatMap(statements);
    if (byHand.has(rule.id) || mending.length === 0) return;
    for (const sql of mending) await client.query(sql);
    const left = (await inspected(rule)).findings;
    expect(left.filter((each) => findings.some(({ object }) => object === each.object))).toEqual([]);
  });

  test("a sound database is not accused", async () => {
    expect(await foundAfter(rule, section(rule, "sound"))).toEqual([]);
  });
});

test("every rule has an id, a reason and a title of its own", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  expect(new Set(rules.map(({ title }) => title)).size).toBe(rules.length);
  for (const { why, title } of rules) expect([why.length > 20, title.length > 15]).toEqual([true, true]);
});

test("everything that Supabase's advisor looks for has a rule", () => {
  const numbers = rules.flatMap(({ advisor }) => advisor ?? []);
  const every = Array.from({ length: 29 }, (_, index) => String(index + 1).padStart(4, "0"));
  expect(every.filter((number) => !numbers.includes(number))).toEqual([]);
});

test("whatever the README says others warn of is seen by a rule that there is, or by another command", () => {
  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const [, table = ""] = /\| warned of \| seen by \|\n.*\n((?:\|.*\n)+)/.exec(readme) ?? [];
  const lines = table.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(20);
  const known = new Set(rules.map(({ id }) => id));
  const unknown = lines.flatMap((line) => {
    const [, warned = "", seen = ""] = line.split(" | ").join("|").split("|");
    const named = [...seen.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string);
    const isSeen = named.length > 0 && named.every((name) => known.has(name) || /^holdfast |^[A-Z]+-\d+$/.test(name));
    return isSeen ? [] : [warned];
  });
  expect(unknown).toEqual([]);
});

test("the README lists every rule with its severity and title, and no other", () => {
  const readme = readFileSync(new URL("./README.md", import.meta.url), "utf8");
  const lines = [...readme.matchAll(/^\| `([a-z0-9-]+)`\s+\| (\w+)\s+\| (.+?)\s+\| ([0-9, –]+?)\s+\|$/gm)].map(
    (match) => match.slice(1),
  );
  expect(lines).toEqual(
    rules.map(({ id, severity, title, advisor = [] }) => [id, severity, title, advisor.join(", ") || "–"]),
  );
});
