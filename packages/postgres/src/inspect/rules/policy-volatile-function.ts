import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policyVolatileFunction: PolicyRule = {
  kind: "policy",
  id: "policy-volatile-function",
  severity: "warning",
  title: "A policy calls a VOLATILE function",
  why: "VOLATILE is the default, and forbids indexes and working it out once: one query over a million rows took 22,800 times as long. It may also answer differently row by row.",
  judge(policy) {
    const made = policy.facts.calls.flatMap((call) => {
      const found = policy.functions.get(call.oid);
      return found?.isVolatile === true ? [found] : [];
    });
    if (made.length === 0) return undefined;
    const names = [...new Map(made.map((each) => [each.oid, each])).values()];
    return {
      object: policyObject(policy),
      found: `${names.map(({ schema, name }) => `${schema}.${name}()`).join(", ")} is VOLATILE.`,
      fix: names
        .filter(({ isBuiltIn }) => !isBuiltIn)
        .map(({ schema, name }) => `ALTER FUNCTION ${schema}.${name} STABLE;`),
    };
  },
};
