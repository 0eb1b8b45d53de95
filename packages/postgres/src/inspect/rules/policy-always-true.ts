import type { ReadPolicy } from "../policy/read-policy.ts";
import type { Attack } from "../rule/finding.ts";
import { policyObject } from "../rule/policy-text.ts";
import type { PolicyRule } from "../rule/rule.ts";
import { attackerOf, quoted, type Subject } from "../rule/subject.ts";

/** As `pg_get_expr` prints what is true of every row. */
const ALWAYS = /^\(*(?:true|1 = 1|NOT false|(.+) = \1|\(?(.+) IS NOT NULL\)? OR \(?\2 IS NULL\)?)\)*$/;

export const policyAlwaysTrue: PolicyRule = {
  kind: "policy",
  id: "policy-always-true",
  severity: "error",
  title: "A policy lets every row be written",
  why: "Its condition is true of every row: row level security is on, and open.",
  advisor: ["0024"],
  judge(policy, subject) {
    if (!policy.isPermissive || policy.action === "select") return undefined;
    const open = [policy.using, policy.check].some((condition) => condition !== null && ALWAYS.test(condition));
    // A role of the application's own back end is no request.
    if (!open || !isForRequests(policy, subject)) return undefined;
    const attack = openWrite(policy, subject);
    return {
      object: policyObject(policy),
      found: `${policy.roles.join(", ")} may ${policy.action === "all" ? "read and write" : policy.action} every row.`,
      ...(attack === undefined ? {} : { attack }),
      fix: [`DROP POLICY ${quoted(policy.name)} ON ${policy.relation};`, "-- and one that asks whose the row is."],
    };
  },
};

function isForRequests(policy: ReadPolicy, subject: Subject): boolean {
  return subject.requestRoles.some(({ name }) => policy.roles.includes(name));
}

function openWrite(policy: ReadPolicy, subject: Subject): Attack | undefined {
  const role = attackerOf(subject, policy.roles);
  if (role === undefined || policy.action === "insert" || policy.action === "update") return undefined;
  return {
    role,
    sql: `WITH gone AS (DELETE FROM ${policy.relation} RETURNING 1) SELECT count(*) FROM gone`,
    shows: "rows",
    runs: "writes",
  };
}
