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
    const searched = policy.searchFacts.searched
      .filter(({ operator }) => isEquality(policy.functions.get(operator)?.name ?? ""))
      .map(({ column }) => column);
    const missing = [...new Set(searched)]
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

/** `uuid_eq`, `int8eq`, `texteq`, `citext_eq`: so are the functions of `=` named. */
const isEquality = (name: string): boolean => name.endsWith("eq");
