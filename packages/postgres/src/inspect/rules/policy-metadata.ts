import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { attackerOf, quoted } from "../rule/subject.ts";

/** user_metadata in claims, raw_user_meta_data in auth.users: both are the user's own to write. */
const METADATA = /user_metadata|raw_user_meta_data/;

export const policyMetadata: PolicyRule = {
  kind: "policy",
  id: "policy-metadata",
  severity: "error",
  title: "A policy believes metadata that its own user writes",
  why: "Anybody calls updateUser({ data: … }) and is whatever the policy asks for.",
  advisor: ["0015"],
  judge(policy, subject) {
    const condition = `${policy.using ?? ""} ${policy.check ?? ""}`;
    if (!METADATA.test(condition)) return undefined;
    const [, key = "role"] = /user_metadata'::text\) ->>? '([^']+)'/.exec(condition) ?? [];
    const [, wanted = "admin"] =
      new RegExp(`'${key.replaceAll(/\W/g, "\\$&")}'::text\\)+ = '([^']*)'`).exec(condition) ?? [];
    const role = attackerOf(subject, policy.roles);
    return {
      object: policyObject(policy),
      found: `It reads ${METADATA.exec(condition)?.[0]}.`,
      ...(role === undefined || policy.action === "insert"
        ? {}
        : {
            attack: {
              role,
              // The claims of an account that wrote its own metadata.
              settings: {
                "request.jwt.claims": JSON.stringify({
                  sub: "00000000-0000-4000-8000-000000000000",
                  role,
                  user_metadata: { [key]: wanted },
                }),
              },
              sql: `SELECT count(*) FROM (SELECT FROM ${policy.relation} LIMIT 1) AS stolen`,
              shows: "rows" as const,
              runs: "reads" as const,
            },
          }),
      fix: [
        `DROP POLICY ${quoted(policy.name)} ON ${policy.relation};`,
        "-- and one that reads app_metadata, or a table that the application writes.",
      ],
    };
  },
};
