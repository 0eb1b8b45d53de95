import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { quoted } from "../rule/subject.ts";

export const policyColumnUnindexed: PolicyRule = {
  kind: "policy",
  id: "policy-column-unindexed",
  severity: "warning",
  title: "A column that a policy searches by has no index",
  why: "Every statement of everybody reads the whole table, whatever it asks for.",
  judge(policy) {
    if (policy.action === "insert") return undefined;
    const missing = policy.searchFacts.searched
      .filter((number) => !policy.indexed.includes(number))
      .flatMap((number) => policy.columns.get(number) ?? []);
    if (missing.length === 0) return undefined;
    return {
      object: policyObject(policy),
      found: `No index begins with ${missing.join(", ")}.`,
      fix: missing.map((name) => `CREATE INDEX CONCURRENTLY ON ${policy.relation} (${quoted(name)});`),
    };
  },
};
