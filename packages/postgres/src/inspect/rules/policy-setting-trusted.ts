import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

export const policySettingTrusted: PolicyRule = {
  kind: "policy",
  id: "policy-setting-trusted",
  severity: "note",
  title: "A policy believes a setting that every session may write",
  why: "SET LOCAL app.user_id = 'somebody else' needs no right: one injected statement is everybody. A signature that only the database can check closes it.",
  judge(policy) {
    const names = policy.facts.calls
      .filter((call) => policy.functions.get(call.oid)?.name === "current_setting")
      .flatMap((call) => call.constants.slice(0, 1))
      .filter((name) => name.includes("."));
    if (names.length === 0) return undefined;
    const [name = ""] = names;
    return {
      object: policyObject(policy),
      found: `It reads ${[...new Set(names)].join(", ")}.`,
      attack: {
        role: null,
        settings: { [name]: "somebody else" },
        sql: `SELECT pg_catalog.current_setting('${name.replaceAll("'", "''")}') = 'somebody else'`,
        shows: "rows",
        runs: "reads",
      },
      fix: [
        "-- Claims with an HMAC that a function checks whose key only its owner reads (holdfast.subject_id() does).",
      ],
    };
  },
};
