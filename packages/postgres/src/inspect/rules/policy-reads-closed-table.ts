import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { grantees, PUBLIC } from "../rule/subject.ts";

export const policyReadsClosedTable: PolicyRule = {
  kind: "policy",
  id: "policy-reads-closed-table",
  severity: "warning",
  title: "A policy reads a table that its roles may not",
  why: "Subqueries of a policy run with the caller's rights: every statement fails with 42501.",
  judge(policy) {
    const closed = policy.reads.filter(({ closedTo }) => closedTo.some((role) => role !== PUBLIC));
    if (closed.length === 0) return undefined;
    return {
      object: policyObject(policy),
      found: closed.map(({ name, closedTo }) => `${closedTo.join(", ")} may not read ${name}.`).join(" "),
      fix: [
        ...closed.map(({ name, closedTo }) => `GRANT SELECT ON TABLE ${name} TO ${grantees(closedTo)};`),
        "-- or better: a SECURITY DEFINER function that gives the set, so that the table stays closed.",
      ],
    };
  },
};
