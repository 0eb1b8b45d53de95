import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { attackerOf, quoted } from "../rule/subject.ts";

export const policyReadsAll: PolicyRule = {
  kind: "policy",
  id: "policy-reads-all",
  severity: "warning",
  title: "A policy lets every row be read",
  why: "That is right for what is published. Otherwise it is the policy somebody wrote to make an error go away.",
  judge(policy, subject) {
    if (!policy.isPermissive || policy.action !== "select" || policy.using !== "true") return undefined;
    if (!subject.requestRoles.some(({ name }) => policy.roles.includes(name))) return undefined;
    return {
      object: policyObject(policy),
      found: `${policy.roles.join(", ")} may read every row.`,
      attack: {
        role: attackerOf(subject, policy.roles) ?? null,
        sql: `SELECT count(*) FROM (SELECT FROM ${policy.relation} LIMIT 1) AS stolen`,
        shows: "rows",
        runs: "reads",
      },
      fix: [`DROP POLICY ${quoted(policy.name)} ON ${policy.relation};`],
    };
  },
};
