import type { Condition, ConditionKind } from "@holdfast/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { conditions } from "../packages/compile/testdata/differential/policies.ts";
import { rowCondition, subjectCondition } from "../packages/policy/src/testing/arbitrary-policy.ts";

/** Where a condition may stand. A new kind does not compile until it is named here, and then must be drawn. */
const places: Readonly<Record<ConditionKind, "everywhere" | "routes" | "tables">> = {
  anyone: "everywhere",
  nobody: "everywhere",
  signedIn: "everywhere",
  role: "everywhere",
  assurance: "everywhere",
  service: "routes",
  owner: "tables",
  compare: "tables",
  oneOf: "tables",
  isNull: "tables",
  time: "tables",
  member: "tables",
  all: "everywhere",
  any: "everywhere",
  not: "everywhere",
};

const SAMPLE = { numRuns: 1_000, seed: 1 };

const kindsIn = (condition: Condition): ConditionKind[] => [
  condition.kind,
  ...("of" in condition ? [condition.of].flat().flatMap(kindsIn) : []),
];

function kindsOf(drawn: readonly Condition[]): readonly ConditionKind[] {
  return [...new Set(drawn.flatMap(kindsIn))].sort();
}

function kindsFor(place: "routes" | "tables"): readonly string[] {
  return Object.entries(places)
    .filter(([, where]) => where === "everywhere" || where === place)
    .map(([kind]) => kind)
    .sort();
}

// A kind that is never drawn is compiled, evaluated and compared without any of the tests on random policies having seen it.
test("the random conditions that `evaluate` and differences are tried on have every kind there is", () => {
  expect(kindsOf(fc.sample(subjectCondition, SAMPLE))).toEqual(kindsFor("routes"));
  expect(kindsOf(fc.sample(rowCondition, SAMPLE))).toEqual(kindsFor("tables"));
});

test("the random conditions on which PostgreSQL and `evaluate` are held against each other have every kind there is", () => {
  expect(kindsOf(fc.sample(conditions, SAMPLE).flatMap((on) => Object.values(on)))).toEqual(kindsFor("tables"));
});
