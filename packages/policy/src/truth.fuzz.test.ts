import fc from "fast-check";
import { expect, test } from "vitest";
import type { Condition } from "./condition.ts";
import type { Truth } from "./decision.ts";
import { evaluate } from "./evaluate.ts";
import { context, policyWith, rowCondition, subject, subjectCondition, thingRow } from "./testing/arbitrary-policy.ts";
import { truth } from "./truth.ts";

const policy = policyWith({});
const all = (...of: Condition[]): Condition => ({ kind: "all", of });
const any = (...of: Condition[]): Condition => ({ kind: "any", of });
const not = (of: Condition): Condition => ({ kind: "not", of });

/** The same truth for both conditions, whoever asks about whatever row. */
function alwaysSame(left: (one: Condition, other: Condition) => Condition, right: typeof left): void {
  fc.assert(
    fc.property(rowCondition, rowCondition, subject, thingRow, context, (one, other, who, row, when) => {
      const of = (condition: Condition): Truth => truth(policy, condition, who, { table: "things", row }, when);
      expect(of(left(one, other))).toBe(of(right(one, other)));
    }),
    { numRuns: 400 },
  );
}

test("De Morgan's laws hold in three values", () => {
  alwaysSame(
    (one, other) => not(all(one, other)),
    (one, other) => any(not(one), not(other)),
  );
  alwaysSame(
    (one, other) => not(any(one, other)),
    (one, other) => all(not(one), not(other)),
  );
});

test("a double negation changes nothing", () => {
  alwaysSame(
    (one) => not(not(one)),
    (one) => one,
  );
});

test("all and any are commutative, associative and absorb each other", () => {
  alwaysSame(
    (one, other) => all(one, other),
    (one, other) => all(other, one),
  );
  alwaysSame(
    (one, other) => any(one, other),
    (one, other) => any(other, one),
  );
  alwaysSame(
    (one, other) => all(one, all(other, one)),
    (one, other) => all(all(one, other), one),
  );
  alwaysSame(
    (one, other) => all(one, any(one, other)),
    (one) => one,
  );
  alwaysSame(
    (one, other) => any(one, all(one, other)),
    (one) => one,
  );
});

test("what is unknown is not allowed, and neither is its negation", () => {
  fc.assert(
    fc.property(rowCondition, subject, thingRow, context, (condition, who, row, when) => {
      const value = truth(policy, condition, who, { table: "things", row }, when);
      const allowed = (select: Condition) => {
        const action = { kind: "table", table: "things", operation: "select" } as const;
        return evaluate(policyWith({ select }), who, action, { row }, when).allowed;
      };
      expect(allowed(condition)).toBe(value === true);
      expect(allowed(not(condition))).toBe(value === false);
    }),
    { numRuns: 200 },
  );
});

test("a row of which nothing is known satisfies no condition about it, nor the negation", () => {
  fc.assert(
    fc.property(rowCondition, subject, context, (condition, who, when) => {
      const known = truth(policy, condition, who, { table: "things", row: {} }, when);
      const none = truth(policy, condition, who, { table: "things", row: undefined }, when);
      const elsewhere = truth(policy, condition, who, { table: "nowhere", row: {} }, when);
      expect(none).toBe(known);
      expect(elsewhere).toBe(known);
    }),
  );
});

test("learning more of a row never turns true into false or false into true", () => {
  fc.assert(
    fc.property(rowCondition, subject, thingRow, context, fc.integer(), (condition, who, row, when, mask) => {
      const part = Object.fromEntries(Object.entries(row).filter((_, index) => (mask >> index) & 1));
      const partly = truth(policy, condition, who, { table: "things", row: part }, when);
      if (partly !== null) expect(truth(policy, condition, who, { table: "things", row }, when)).toBe(partly);
    }),
    { numRuns: 500 },
  );
});

/** A condition without `not`, which is monotone in the subject. */
function withoutNot(condition: Condition): Condition {
  if (condition.kind === "not") return withoutNot(condition.of);
  if (condition.kind !== "all" && condition.kind !== "any") return condition;
  return { kind: condition.kind, of: condition.of.map(withoutNot) };
}

test("a second factor or another role never takes away what a condition without `not` gives", () => {
  fc.assert(
    fc.property(rowCondition, subject, thingRow, context, (random, who, row, when) => {
      fc.pre(who.kind === "person");
      const condition = withoutNot(random);
      const resource = { table: "things", row };
      if (truth(policy, condition, who, resource, when) !== true) return;
      expect(truth(policy, condition, { ...who, assurance: "aal2" }, resource, when)).toBe(true);
      expect(truth(policy, condition, { ...who, roles: [...who.roles, "editor"] }, resource, when)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("conditions of routes are never unknown, and the reason of a refusal says what would help", () => {
  fc.assert(
    fc.property(subjectCondition, subject, (route, who) => {
      const named = policyWith({ route });
      const action = { kind: "route", service: "api", route: "GET /things" } as const;
      const value = truth(named, route, who, null, { now: 0 });
      const decision = evaluate(named, who, action, {}, { now: 0 });
      expect(value).not.toBeNull();
      expect(decision.allowed).toBe(value);
      if (decision.allowed) return;
      const stronger = evaluate(named, { ...who, assurance: "aal2" }, action, {}, { now: 0 });
      expect(decision.reason === "second-factor-required").toBe(who.kind === "person" && stronger.allowed);
      if (decision.reason === "not-signed-in") expect(who.kind).toBe("anonymous");
    }),
    { numRuns: 300 },
  );
});
