import type { ReadPolicy } from "../policy/read-policy.ts";
import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";

/** Gives the roles in the same claims, and only once their signature was verified. */
const VERIFIED_ROLES = { schema: "holdfast", name: "roles" };
const CLAIMS = "request.jwt.claims";

export const policySettingTrusted: PolicyRule = {
  kind: "policy",
  id: "policy-setting-trusted",
  severity: "note",
  title: "A policy believes a setting that every session may write",
  why: "SET LOCAL app.user_id = 'somebody else' needs no right: one injected statement is everybody. A signature that only the database can check closes it.",
  judge(policy) {
    const names = policy.facts.calls
      .filter((call) => policy.functions.get(call.oid)?.name === "current_setting")
      // It only says no sooner: what stands beside it in an AND asks for roles in claims that were verified.
      .filter(({ constants, beside }) => constants[0] !== CLAIMS || !beside.some((oid) => givesVerified(policy, oid)))
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

function givesVerified(policy: ReadPolicy, oid: number): boolean {
  const called = policy.functions.get(oid);
  return called?.schema === VERIFIED_ROLES.schema && called.name === VERIFIED_ROLES.name;
}
