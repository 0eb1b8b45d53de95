import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { attackerOf } from "../rule/subject.ts";

export const policyRecursion: PolicyRule = {
  kind: "policy",
  id: "policy-recursion",
  severity: "error",
  title: "A policy reads its own table",
  why: "PostgreSQL refuses every statement with 42P17; the usual way out is to switch row level security off.",
  judge(policy, subject) {
    if (!policy.reads.some(({ oid }) => oid === policy.tableOid)) return undefined;
    const role = attackerOf(subject, policy.roles);
    return {
      object: policyObject(policy),
      found: `Its subquery reads ${policy.relation}.`,
      ...(role === undefined || policy.action === "insert"
        ? {}
        : {
            attack: {
              role,
              sql: `SELECT FROM ${policy.relation} LIMIT 1`,
              shows: { sqlState: "42P17" } as const,
              runs: "reads" as const,
            },
          }),
      fix: [
        "-- A SECURITY DEFINER function with search_path = '' that gives the set: column = ANY (ARRAY(SELECT my_groups())).",
      ],
    };
  },
};
