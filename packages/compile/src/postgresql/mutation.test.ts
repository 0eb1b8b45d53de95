import {
  aal2,
  all,
  any,
  type Condition,
  column,
  member,
  not,
  owner,
  type Policy,
  role,
  signedIn,
  type TableAction,
} from "@holdfast/policy";
import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/differential/ask.ts";
import { compare } from "../../testdata/differential/compare.ts";
import { mutants } from "../../testdata/differential/mutations.ts";
import { type Conditions, policyWith } from "../../testdata/differential/policies.ts";
import { type Trial, trialOf } from "../../testdata/differential/rows.ts";
import { compilePostgres } from "./compile.ts";
import { scriptStatements } from "./script.ts";

const SEED = 11;
const TRIALS_MAX = 64;
const TIMEOUT_MS = 120_000;

const inTeam = { column: "team_id", table: "membership", group: "team_id", subject: "user_id" } as const;
const withLabel = member({
  ...inTeam,
  where: { column: "label", values: ["a", "it's", "é", "B", ""] },
  until: "until",
});
const original: Conditions = {
  select: any(
    all(owner("owner_id"), not(column("flag").is(true))),
    all(withLabel, column("level").isMoreThan(0)),
    all(not(withLabel), column("day").isAtLeast("2001-01-02")),
    all(role("editor"), column("due").isPast()),
    all(aal2(), column("extra").isNull()),
    all(signedIn(), column("status").isOneOf("a", "é")),
    all(not(member(inTeam)), column("price").isAtMost(1)),
  ),
  insert: any(all(signedIn(), column("status").isLessThan("b")), all(owner("owner_id"), role("admin"))),
  update: any(owner("owner_id"), all(role("auditor"), column("size").isNot(7))),
  delete: any(owner("team_id"), column("day").is("2001-01-01")),
};
const policy = policyWith(original);

let database: TestDatabase;
let laboratory: Laboratory;
let trials: readonly Trial[];

beforeAll(async () => {
  database = await testDatabase();
  laboratory = await openLaboratory(await database.administrator(), database.prepared.claimKey);
  trials = fc.sample(trialOf({ rows: 6, memberships: 10, persons: 3 }), { numRuns: TRIALS_MAX, seed: SEED });
});

afterAll(async () => {
  await database.drop();
});

function scriptOf(compiled: Policy): string {
  return scriptStatements(compilePostgres(compiled))
    .map(({ sql }) => sql)
    .join(";\n");
}

function withCondition(action: TableAction, condition: Condition): Policy {
  return {
    ...policy,
    tables: { ...policy.tables, item: { ...(policy.tables.item as Policy["tables"][string]), [action]: condition } },
  };
}

/** True as soon as one trial shows PostgreSQL deciding otherwise than `evaluate` with the original policy. */
async function isNoticed(script: string, meant = policy): Promise<boolean> {
  for (const trial of trials) {
    const { disagreements } = await compare(laboratory, meant, script, trial);
    if (disagreements.length > 0) return true;
  }
  return false;
}

test("the unchanged policy agrees on every trial, so that a disagreement comes from a change", {
  timeout: TIMEOUT_MS,
}, async () => {
  expect(await isNoticed(scriptOf(policy))).toBe(false);
});

test("a change of any clause of a condition is noticed by the differential test", { timeout: TIMEOUT_MS }, async () => {
  const missed: string[] = [];
  let count = 0;
  for (const action of ["select", "insert", "update", "delete"] as const) {
    for (const mutant of mutants(original[action])) {
      count += 1;
      if (!(await isNoticed(scriptOf(withCondition(action, mutant.condition))))) missed.push(`${action}${mutant.what}`);
    }
  }
  console.info(`mutation: ${count} changed clauses, ${count - missed.length} noticed`);
  expect(missed).toEqual([]);
});

test("a change of any line of a set function is noticed by the differential test", {
  timeout: TIMEOUT_MS,
}, async () => {
  const script = scriptOf(policy);
  const missed: string[] = [];
  for (const { body } of compilePostgres(policy).sets) {
    const [select, from, where, ...more] = body.split("\n") as [string, string, string, ...string[]];
    const changed = [
      [select, from, "WHERE true", ...more],
      [select, from, where.replace("user_id", "id"), ...more],
      ...more.map((line) => [select, from, where, ...more.filter((other) => other !== line)]),
    ].map((lines) => lines.join("\n"));
    for (const wrong of changed) if (!(await isNoticed(script.replace(body, () => wrong)))) missed.push(wrong);
  }
  expect(missed).toEqual([]);
});

describe("gates", () => {
  const gated: Conditions = {
    select: any(
      owner("owner_id"),
      role("editor"),
      aal2(),
      all(role("auditor"), column("flag").is(true), column("level").isMoreThan(0)),
    ),
    insert: any(owner("owner_id"), role("editor")),
    update: any(owner("owner_id"), all(role("reader"), column("status").isOneOf("a", "é"))),
    delete: any(owner("team_id"), role("auditor")),
  };
  const gatedPolicy = policyWith(gated);

  test("the policy with gates agrees on every trial", { timeout: TIMEOUT_MS }, async () => {
    expect(await isNoticed(scriptOf(gatedPolicy), gatedPolicy)).toBe(false);
  });

  test("a change of any part of a gate is noticed by the differential test", { timeout: TIMEOUT_MS }, async () => {
    const script = scriptOf(gatedPolicy);
    const gates = [
      ...new Set(script.match(/\("id" >= \(SELECT CASE WHEN [^]*? END\) AND "id" <= '[f-]+'::pg_catalog\.uuid\)/g)),
    ];
    // Select's two, update's and delete's own.
    expect(gates).toHaveLength(4);
    const missed: string[] = [];
    for (const gate of gates) {
      const changed = [
        "true",
        "false",
        gate.replace(/CASE WHEN [^]* THEN/, "CASE WHEN true THEN"),
        gate.replace(/CASE WHEN [^]* THEN/, "CASE WHEN false THEN"),
        gate.replace(/CASE WHEN ([^]*) THEN/, "CASE WHEN NOT ($1) THEN"),
        gate.replace(/\?\| ARRAY\[.*?\]/, "?| ARRAY['admin']"),
        gate.replace(" END)", " ELSE '80000000-0000-0000-0000-000000000000' END)"),
        gate.replace(">=", ">"),
        gate.replace("<=", "<"),
        gate.replace(/'00000000-.*?'/, "'00000000-0000-0000-0000-000000000001'"),
        gate.replace(/'ffffffff-.*?'/, "'ffffffff-ffff-ffff-ffff-fffffffffffe'"),
      ];
      // A gate that can do without a role has no such list: there the change is none.
      for (const wrong of changed.filter((text) => text !== gate)) {
        const changedScript = script.replaceAll(gate, () => wrong);
        if (!(await isNoticed(changedScript, gatedPolicy))) missed.push(wrong);
      }
    }
    expect(missed).toEqual([]);
  });
});
