import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policyNullSubject: PolicyRule = {
  kind: "policy",
  id: "policy-null-subject",
  severity: "error",
  title: "A policy is true when nobody is signed in",
  why: "f() IS NULL holds for every request without claims: who sends no token sees what who sends one does not.",
  judge(policy) {
    const names = policy.facts.nullTested.flatMap((oid) => {
      const made = policy.functions.get(oid);
      return made === undefined ? [] : [`${made.schema}.${made.name}()`];
    });
    if (names.length === 0 || !policy.isPermissive) return undefined;
    return {
      object: policyObject(policy),
      found: `It asks whether ${[...new Set(names)].join(", ")} is null.`,
      fix: ["-- IS NOT NULL was meant, or a policy TO anon that says what everybody may see."],
    };
  },
};
