import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policyFunctionTakesRow: PolicyRule = {
  kind: "policy",
  id: "policy-function-takes-row",
  severity: "warning",
  title: "A policy asks a function about each row",
  why: "f(column) must be called once for each row of the table and serves no index. Turned round, f() gives the set of what is allowed, once.",
  judge(policy) {
    const names = policy.facts.calls
      .filter((call) => call.takesRow)
      .flatMap((call) => {
        const made = policy.functions.get(call.oid);
        return made === undefined || made.isBuiltIn || !(made.isStable || made.isVolatile)
          ? []
          : [`${made.schema}.${made.name}`];
      });
    if (names.length === 0) return undefined;
    return {
      object: policyObject(policy),
      found: `${[...new Set(names)].join(", ")} gets a column of the row.`,
      fix: ["-- column = ANY (ARRAY(SELECT my_allowed_ids())), with a function that takes no argument."],
    };
  },
};
