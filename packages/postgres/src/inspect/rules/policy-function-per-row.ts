import { alterPolicy, callsOnce, policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

/** `current_setting`: of PostgreSQL itself, and as dear for each row as another. */
const SETTING = "current_setting";

export const policyFunctionPerRow: PolicyRule = {
  kind: "policy",
  id: "policy-function-per-row",
  severity: "warning",
  title: "A policy calls a function for each row that could be called once",
  why: "Written (SELECT f()) it is worked out once for the statement: a million rows cost 6 to 46 times as much without.",
  advisor: ["0003"],
  judge(policy) {
    const called = policy.facts.calls
      .filter((call) => call.isPerRow && !call.takesRow)
      .flatMap((call) => {
        const made = policy.functions.get(call.oid);
        if (made === undefined || (made.isBuiltIn && made.name !== SETTING)) return [];
        return made.isStable || made.isVolatile
          ? [{ name: made.isBuiltIn ? made.name : `${made.schema}.${made.name}`, call }]
          : [];
      });
    if (called.length === 0) return undefined;
    const names = [...new Set(called.map(({ name }) => name))];
    const plain = [...new Set(called.filter(({ call }) => call.argumentCount === 0).map(({ name }) => name))];
    const mended = alterPolicy(policy, (condition) => callsOnce(condition, plain));
    return {
      object: policyObject(policy),
      found: `${names.map((name) => `${name}()`).join(", ")} outside a subquery.`,
      fix: mended.length > 0 ? mended : [`-- (SELECT ${names[0]}(…)) wherever it stands.`],
    };
  },
};
