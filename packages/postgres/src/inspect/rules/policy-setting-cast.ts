import { alterPolicy, policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { attackerOf } from "../rule/subject.ts";

export const policySettingCast: PolicyRule = {
  kind: "policy",
  id: "policy-setting-cast",
  severity: "warning",
  title: "A policy casts a setting that may be empty",
  why: "After a transaction with SET LOCAL a custom setting is '' and not null: the cast fails with 22P02 for whoever gets the connection next.",
  judge(policy, subject) {
    if (policy.facts.castSettings.length === 0) return undefined;
    const role = attackerOf(subject, policy.roles);
    const mended = alterPolicy(policy, (condition) =>
      condition.replaceAll(
        /\(current_setting\(('(?:[^']|'')*'::text)(, true)?\)\)::/g,
        "(nullif(current_setting($1, true), ''))::",
      ),
    );
    return {
      object: policyObject(policy),
      found: `It casts ${[...new Set(policy.facts.castSettings)].join(", ")} without nullif.`,
      ...(role === undefined || policy.action === "insert"
        ? {}
        : {
            attack: {
              role,
              // What the transaction before left behind.
              settings: Object.fromEntries(policy.facts.castSettings.map((name) => [name, ""])),
              sql: `SELECT FROM ${policy.relation}`,
              shows: { sqlState: "22P02" } as const,
              runs: "reads" as const,
            },
          }),
      fix: mended.length > 0 ? mended : ["-- nullif(current_setting('…', true), '')::uuid"],
    };
  },
};
