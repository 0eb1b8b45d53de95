import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { grantees, PUBLIC, quoted } from "../rule/subject.ts";

export const policyToPublic: PolicyRule = {
  kind: "policy",
  id: "policy-to-public",
  severity: "note",
  title: "A policy is for every role",
  why: "Without TO it is for PUBLIC: also for whoever is not signed in, and it is worked out for them row by row.",
  judge(policy, subject) {
    if (!policy.roles.includes(PUBLIC) || !policy.isPermissive) return undefined;
    const names = subject.requestRoles.map(({ name }) => name).filter((name) => name !== PUBLIC);
    const signedIn = names.filter((name) => name !== "anon");
    return {
      object: policyObject(policy),
      found: "It has no TO.",
      fix:
        names.length === 0
          ? [`-- ALTER POLICY ${quoted(policy.name)} ON ${policy.relation} TO those it is for;`]
          : [
              `ALTER POLICY ${quoted(policy.name)} ON ${policy.relation} TO ${grantees(signedIn.length > 0 ? signedIn : names)};`,
            ],
    };
  },
};
