import fc from "fast-check";
import { expect, test } from "vitest";
import type { Condition } from "../condition.ts";
import type { Policy } from "../policy.ts";
import {
  context,
  policyWith,
  roleSets,
  rowCondition,
  subject,
  subjectCondition,
  thingRow,
} from "../testing/arbitrary-policy.ts";
import { truth } from "../truth.ts";
import type { Change } from "./change.ts";
import { difference } from "./difference.ts";

/** `npm run fuzz` asks for more, with another seed. */
const RUNS = Number(process.env["HOLDFAST_PROOFS"] ?? 200);
const SEED = Number(process.env["HOLDFAST_SEED"] ?? 20_261_124);
const MS_PER_RUN_MAX = 250;

const things = (policy: Policy) => (policy.tables.things as Policy["tables"][string]).select;
const changeAt = (before: Policy, after: Policy, path: string): Change | undefined =>
  difference(before, after).find((change) => change.path === path);

/** Whether the witness is what it claims to be. */
function checkWitness(
  change: Change | undefined,
  before: Policy,
  after: Policy,
  conditions: readonly [Condition, Condition],
  table: string | null,
) {
  for (const [witness, expected] of [
    [change?.gained, [false, true]],
    [change?.lost, [true, false]],
  ] as const) {
    if (witness === undefined) continue;
    const resource = table === null || witness.row === null ? null : { table, row: witness.row };
    const when = { now: witness.now ?? Date.UTC(2030, 0, 1), tables: witness.tables };
    expect(
      [before, after].map(
        (policy, side) => truth(policy, conditions[side] as Condition, witness.subject, resource, when) === true,
      ),
    ).toEqual(expected);
  }
}

const similar = (condition: fc.Arbitrary<Condition>) =>
  fc
    .tuple(condition, condition, fc.integer({ min: 0, max: 4 }))
    .map(([one, other, how]): readonly [Condition, Condition] => {
      if (how === 0) return [one, { kind: "any", of: [one, other] }];
      if (how === 1) return [one, { kind: "all", of: [one, other] }];
      if (how === 2) return [one, { kind: "not", of: { kind: "not", of: one } }];
      return how === 3
        ? [
            { kind: "any", of: [one, other] },
            { kind: "any", of: [other, one] },
          ]
        : [one, other];
    });

test(
  "a change of a table's condition that is called tighter lets no sampled subject do more, and the like for the other words",
  () => {
    let told = 0;
    fc.assert(
      fc.property(
        similar(rowCondition),
        fc.array(fc.tuple(subject, thingRow, context), { minLength: 60, maxLength: 60 }),
        ([one, other], samples) => {
          const [before, after] = [policyWith({ select: one }), policyWith({ select: other })];
          const change = changeAt(before, after, "tables.things.select");
          checkWitness(change, before, after, [things(before), things(after)], "things");
          if (change?.effect === "looser") expect(change.gained).toBeDefined();
          const seen = samples.map(([who, row, when]) =>
            [before, after].map(
              (policy) => truth(policy, things(policy), who, { table: "things", row }, when) === true,
            ),
          );
          const gains = seen.some(([held, holds]) => holds && !held);
          const loses = seen.some(([held, holds]) => held && !holds);
          if (change?.effect !== undefined && change.effect !== "changed") told += 1;
          if (change === undefined || change.effect === "equivalent") expect([gains, loses]).toEqual([false, false]);
          if (change?.effect === "tighter") expect(gains).toBe(false);
          if (gains) expect(["looser", "changed"]).toContain(change?.effect);
        },
      ),
      { numRuns: RUNS, seed: SEED },
    );
    // Otherwise "changed" everywhere would pass.
    expect(told).toBeGreaterThan(RUNS * 0.6);
  },
  RUNS * MS_PER_RUN_MAX + 30_000,
);

test(
  "a change of a route's condition is told exactly, and so is a change of what the roles include",
  () => {
    fc.assert(
      fc.property(
        similar(subjectCondition),
        fc.array(subject, { minLength: 60, maxLength: 60 }),
        fc.boolean(),
        ([one, other], samples, roles) => {
          const [before, after] = [policyWith({ route: one }), policyWith({ route: other }, roleSets[roles ? 1 : 0])];
          const change = changeAt(before, after, 'services.api.routes["GET /things"].allow');
          checkWitness(change, before, after, [one, other], null);
          const seen = samples.map((who) => [
            truth(before, one, who, null, { now: 0 }),
            truth(after, other, who, null, { now: 0 }),
          ]);
          const gains = seen.some(([held, holds]) => holds === true && held === false);
          const loses = seen.some(([held, holds]) => held === true && holds === false);
          if (gains) expect(change?.gained).toBeDefined();
          if (loses) expect(change?.lost).toBeDefined();
          const expected = change?.gained
            ? change.lost
              ? "changed"
              : "looser"
            : change?.lost
              ? "tighter"
              : "equivalent";
          if (change !== undefined) expect(change.effect).toBe(expected);
        },
      ),
      { numRuns: Math.ceil(RUNS * 0.75), seed: SEED },
    );
  },
  RUNS * MS_PER_RUN_MAX + 30_000,
);
