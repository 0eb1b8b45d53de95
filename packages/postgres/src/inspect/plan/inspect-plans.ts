// The plans PostgreSQL makes for tables with policies, as the roles that requests come as: a policy that no index can serve makes it
// look at every row. Sequential scans are priced out, so that a small table shows what a large one would do. No row is read;
// immutable functions of the conditions run all the same, and may leave the role again.
import type { ClientBase } from "pg";
import type { Found } from "../rule/finding.ts";
import { quoted, type Subject } from "../rule/subject.ts";
import { faultsOf, type Plan, planLines } from "./plan-shape.ts";

/** Tables whose plans are looked at: those with most rows first. */
export const PLANS_MAX = 500;
const PLAN_TIMEOUT_MS = 2_000;

export interface PlanTarget {
  /** Quoted, with its schema. */
  readonly relation: string;
  readonly role: string;
}

interface FoundTarget extends PlanTarget {
  readonly owner: string;
  /** Making the plan runs what the owner wrote, and that would run with the rights of whoever inspects. */
  readonly lends: boolean;
}

interface Looked {
  readonly found: readonly Found[];
  readonly unseen: readonly { readonly what: string; readonly hint: string }[];
}

const TARGETS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS relation, r.rolname::text AS role, o.rolname::text AS owner,
    (me.rolsuper OR me.rolcreaterole) AND NOT o.rolsuper AND o.oid <> me.oid AND EXISTS (SELECT FROM pg_catalog.pg_roles l
      WHERE l.rolcanlogin AND NOT l.rolsuper AND l.oid <> me.oid AND pg_catalog.pg_has_role(l.oid, o.oid, 'MEMBER')) AS lends
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_roles o ON o.oid = c.relowner JOIN pg_catalog.pg_roles me ON me.rolname = session_user
    JOIN pg_catalog.pg_roles r ON r.oid = ANY ($1::oid[]) AND NOT r.rolbypassrls AND NOT r.rolsuper
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relrowsecurity AND n.nspname::text <> ALL ($2::text[])
    AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT')
    AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*') AND p.polpermissive
      AND (0 = ANY (p.polroles) OR r.oid = ANY (p.polroles)))
  ORDER BY c.reltuples DESC, 1, 2 LIMIT ${PLANS_MAX}`;

/** A subject that is nobody, in the customary claims. */
const CLAIMS = JSON.stringify({ sub: "00000000-0000-4000-8000-000000000000", role: "authenticated" });

export async function inspectPlans(client: ClientBase, subject: Subject): Promise<Looked> {
  const { rows } = await client.query<FoundTarget>(TARGETS, [
    subject.requestRoles.map(({ oid }) => oid),
    subject.skippedSchemas,
  ]);
  const found: Found[] = [];
  const refused = new Map<string, string>();
  const lent = new Set(rows.filter(({ lends }) => lends).map(({ owner }) => owner));
  for (const target of rows) {
    if (target.lends) continue;
    const answer = await explain(client, target);
    if (typeof answer === "string") refused.set(target.role, answer);
    else found.push(...judge(target, answer));
  }
  const unseen = [...refused].map(([role, code]) => ({
    what: `some plans as ${role} (SQLSTATE ${code})`,
    hint: `Whoever inspects must be a member of ${role}, and ${role} must be able to run what the policy calls.`,
  }));
  unseen.push(
    ...[...lent].map((owner) => ({
      what: `plans of what ${owner} owns: a condition may run functions while its plan is made, and they could take up your rights`,
      hint: `Inspect as ${owner}, or as a role that may only read.`,
    })),
  );
  return { found, unseen };
}

/** One table's plan as one role, or the SQLSTATE with which PostgreSQL refused it. */
export async function explain(client: ClientBase, { relation, role }: PlanTarget): Promise<Plan | string> {
  await client.query("SAVEPOINT holdfast_plan");
  try {
    await client.query("SELECT set_config('request.jwt.claims', $1, true)", [CLAIMS]);
    await client.query(
      `SET LOCAL statement_timeout = ${PLAN_TIMEOUT_MS}; SET LOCAL enable_seqscan = off; SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL ROLE ${quoted(role)}`,
    );
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON, COSTS OFF, VERBOSE) SELECT FROM ${relation}`);
    return (rows[0] as { "QUERY PLAN": readonly { Plan: Plan }[] })["QUERY PLAN"][0]?.Plan ?? "no plan";
  } catch (error) {
    // The answer is the code: a policy that fails, or a role that whoever inspects may not take.
    return String((error as { code?: unknown }).code ?? "unknown");
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT holdfast_plan; RELEASE SAVEPOINT holdfast_plan");
  }
}

function judge(target: PlanTarget, plan: Plan): readonly Found[] {
  const faults = faultsOf(plan);
  if (faults.length === 0) return [];
  return [
    {
      object: target.relation,
      found: `As ${target.role}: ${faults.join("; ")}.`,
      fix: [
        "-- Scalars as (SELECT f()), sets as column = ANY (ARRAY(SELECT …)), and an index that begins with the column.",
      ],
      plan: planLines(plan),
    },
  ];
}
