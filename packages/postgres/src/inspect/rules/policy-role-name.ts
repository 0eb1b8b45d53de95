import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policyRoleName: PolicyRule = {
  kind: "policy",
  id: "policy-role-name",
  severity: "warning",
  title: "A policy asks for the name of the database role",
  why: "Behind a pool everybody is the same role: either everybody passes or nobody does. In a definer function it is the owner's name.",
  judge(policy) {
    if (!policy.facts.asksRoleName) return undefined;
    return {
      object: policyObject(policy),
      found: "It asks CURRENT_USER, SESSION_USER or the like.",
      fix: ["-- TO role for what a database role decides, and the claims of the request for what a person decides."],
    };
  },
};
