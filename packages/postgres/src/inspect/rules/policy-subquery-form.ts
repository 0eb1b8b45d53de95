import { alterPolicy, arraysForSets, policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policySubqueryForm: PolicyRule = {
  kind: "policy",
  id: "policy-subquery-form",
  severity: "warning",
  title: "A policy asks EXISTS or IN (SELECT …) of each row",
  why: "A policy's subquery is never made a join: it filters every row. As = ANY (ARRAY(SELECT …)) it is an index condition, measured 24 to 250 times faster.",
  judge(policy) {
    const asked = policy.facts.subqueries.filter(
      ({ kind, isCorrelated }) => kind === "in" || kind === "exists" || isCorrelated,
    );
    if (asked.length === 0) return undefined;
    const words = {
      in: "IN (SELECT …)",
      exists: "EXISTS (…)",
      scalar: "a correlated subquery",
      array: "a correlated subquery",
      other: "a subquery",
    };
    const isMendable = asked.every(({ kind, isCorrelated }) => kind === "in" && !isCorrelated);
    const mended = isMendable ? alterPolicy(policy, arraysForSets) : [];
    return {
      object: policyObject(policy),
      found: `It asks ${[...new Set(asked.map(({ kind }) => words[kind]))].join(" and ")}.`,
      fix:
        mended.length > 0
          ? mended
          : [
              "-- column = ANY (ARRAY(SELECT group_id FROM memberships WHERE user_id = (SELECT auth.uid()))) instead of EXISTS.",
            ],
    };
  },
};
