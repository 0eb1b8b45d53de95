import { type TestDatabase, testDatabase } from "@holdfast/postgres/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Laboratory, openLaboratory } from "../../testdata/differential/ask.ts";
import { compare } from "../../testdata/differential/compare.ts";
import { conditions, policyWith } from "../../testdata/differential/policies.ts";
import { trialOf } from "../../testdata/differential/rows.ts";
import { CompileError } from "../compile-error.ts";
import { compilePostgres } from "./compile.ts";
import { scriptStatements } from "./script.ts";

/** `HOLDFAST_DECISIONS=1000000 HOLDFAST_SEED=7` for a long run with another seed. */
const DECISIONS_MIN = Number(process.env.HOLDFAST_DECISIONS ?? 12_000);
const SEED = Number(process.env.HOLDFAST_SEED ?? 20_261_124);
const SIZE = { rows: 5, memberships: 8, persons: 2 };
/** Stands in every gate (gate.ts) and nowhere else. */
const GATE = "(SELECT CASE WHEN ";
const MS_PER_DECISION_MAX = 5;
/** Fewer than any policy asks with `SIZE`: runs that are not needed still cost their random values. */
const DECISIONS_PER_RUN_MIN = 40;

let database: TestDatabase;
let laboratory: Laboratory;

beforeAll(async () => {
  database = await testDatabase();
  laboratory = await openLaboratory(await database.administrator(), database.prepared.claimKey);
});

afterAll(async () => {
  await database.drop();
});

test(
  "evaluate and PostgreSQL decide alike on random policies, rows and subjects",
  async () => {
    const total = { policies: 0, gated: 0, refused: 0, decisions: 0, allowed: 0 };
    const trial = fc.asyncProperty(conditions, trialOf(SIZE), async (on, rows) => {
      // fast-check counts runs, we count decisions; the rest of the runs is free.
      if (total.decisions >= DECISIONS_MIN) return;
      const policy = policyWith(on);
      let script: string;
      try {
        script = scriptStatements(compilePostgres(policy))
          .map(({ sql }) => sql)
          .join(";\n");
      } catch (error) {
        if (!(error instanceof CompileError) || error.code !== "compile/invisible-write") throw error;
        total.refused += 1;
        return;
      }
      const { decisions, allowed, disagreements } = await compare(laboratory, policy, script, rows);
      total.policies += 1;
      if (script.includes(GATE)) total.gated += 1;
      total.decisions += decisions;
      total.allowed += allowed;
      expect(disagreements.slice(0, 3)).toEqual([]);
    });
    await fc.assert(trial, { numRuns: Math.ceil(DECISIONS_MIN / DECISIONS_PER_RUN_MIN), seed: SEED });
    console.info(
      `differential: ${total.decisions} decisions (${total.allowed} allowed) of ${total.policies} random policies (${total.gated} with a gate), 0 disagreements; ${total.refused} policies refused by the compiler`,
    );
    expect(total.decisions).toBeGreaterThanOrEqual(DECISIONS_MIN);
    expect(total.allowed).toBeGreaterThan(total.decisions / 10);
    expect(total.gated).toBeGreaterThan(total.policies / 4);
  },
  DECISIONS_MIN * MS_PER_DECISION_MAX + 30_000,
);
