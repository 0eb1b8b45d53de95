// The plan of a statement for any values (EXPLAIN (GENERIC_PLAN)), and what row-level security adds to it: the planner's cost as the role
// that ran it, and without policies. No row is read, and no value is needed, known or logged; auto_explain would write those of real
// statements into the server's log.

import { type Plan, planLines } from "../inspect/plan/plan-shape.ts";
import { quoted } from "../inspect/rule/subject.ts";
import type { Questions } from "./question.ts";
import type { RawStatement } from "./read-statements.ts";
import { redactStatement } from "./redact-statement.ts";
import type { PolicyCost } from "./shapes.ts";

export interface PlannedStatement {
  /** As people read it, without values; empty where there is no plan. */
  readonly plan: readonly string[];
  readonly policyCost: PolicyCost | null;
  /** Why there is no plan, or no cost of policies. */
  readonly notPlanned: string | null;
  /** The plan itself, for advice; never shown. */
  readonly node: CostedPlan | null;
}

export interface CostedPlan extends Plan {
  readonly "Total Cost": number;
  readonly "Plan Rows": number;
  readonly Schema?: string;
  readonly Alias?: string;
  readonly Plans?: readonly CostedPlan[];
}

const PLAN_TIMEOUT_MS = 2_000;
const GENERIC_SINCE = 160_000;
const PLAN_LINES_MAX = 60;
const PLANNABLE = /^\s*(?:select|insert|update|delete|merge|with|values)\b/i;
const METHOD = "the planner's cost of a generic plan, as the role and without policies";

export interface Planner {
  readonly canPlan: boolean;
  /** Whether whoever connected is bound by no policy. */
  readonly isFree: boolean;
}

export async function readPlanner(questions: Questions): Promise<Planner> {
  const [row] = await questions.rows<{ version: number; free: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version, rolsuper OR rolbypassrls AS free
     FROM pg_catalog.pg_roles WHERE rolname = session_user`,
  );
  return { canPlan: (row?.version ?? 0) >= GENERIC_SINCE, isFree: row?.free === true };
}

const unplanned = (notPlanned: string): PlannedStatement => ({ plan: [], policyCost: null, notPlanned, node: null });

export async function planStatement(
  questions: Questions,
  planner: Planner,
  { raw, role }: Pick<RawStatement, "raw" | "role">,
): Promise<PlannedStatement> {
  if (!planner.canPlan) return unplanned("generic plans are there since PostgreSQL 16");
  // It is sent without its values, which only the protocol of several statements allows: so it must be one.
  if (!PLANNABLE.test(raw) || raw.includes(";")) return unplanned("it is not one query");
  if (await callsFunctions(questions, raw))
    return unplanned("it calls a function, which would run while it is planned");
  const asRole = await explain(questions, raw, role);
  if (typeof asRole === "string") return unplanned(`PostgreSQL makes no generic plan of it as ${role} (${asRole})`);
  const plan = planLines(asRole).slice(0, PLAN_LINES_MAX).map(redactLine);
  const tables = await protectedTables(questions, asRole);
  const planned = (policyCost: PolicyCost | null, notPlanned: string | null): PlannedStatement => ({
    plan,
    policyCost,
    notPlanned,
    node: asRole,
  });
  const costWith = asRole["Total Cost"];
  if (tables.length === 0) return planned({ method: METHOD, costWith, costWithout: costWith, share: 0, tables }, null);
  if (!planner.isFree)
    return planned(null, "whoever looks is bound by policies too, so there is nothing to compare with");
  const free = await explain(questions, raw, null);
  if (typeof free === "string") return planned(null, `PostgreSQL makes no plan of it without policies (${free})`);
  const costWithout = free["Total Cost"];
  const share = costWith === 0 ? 0 : (costWith - costWithout) / costWith;
  return planned({ method: METHOD, costWith, costWithout, share, tables }, null);
}

/** What may stand before the parentheses of a call. */
const CALLED = /("(?:[^"]|"")+"|[\w$\u0080-\uffff]+|\?) ?\(/g;

/**
 * Whether a statement may call a function that is neither PostgreSQL's nor ours. One that is not VOLATILE runs while its statement is
 * planned, with the rights of whoever looks, and a statement is anybody's.
 */
async function callsFunctions(questions: Questions, raw: string): Promise<boolean> {
  const names = [...redactStatement(raw).matchAll(CALLED)].map(([, name = ""]) =>
    name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase(),
  );
  if (names.includes("?")) return true; // A name that is spelled by escapes.
  const [found] = await questions.rows<{ some: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
       WHERE p.proname = ANY ($1::text[]) AND n.nspname NOT IN ('pg_catalog', 'holdfast', 'auth')) AS some`,
    [names],
  );
  return found?.some === true;
}

/** The plan as a role, or as whoever connected; or the SQLSTATE with which PostgreSQL refused it. */
async function explain({ client }: Questions, raw: string, role: string | null): Promise<CostedPlan | string> {
  await client.query("SAVEPOINT holdfast_plan");
  try {
    await client.query(
      `SET LOCAL search_path = public; SET LOCAL statement_timeout = ${PLAN_TIMEOUT_MS}; SET LOCAL ROLE ${role === null ? "NONE" : quoted(role)}`,
    );
    const { rows } = await client.query(`EXPLAIN (GENERIC_PLAN, VERBOSE, FORMAT JSON) ${raw}`);
    return (rows[0] as { "QUERY PLAN": readonly { Plan: CostedPlan }[] })["QUERY PLAN"][0]?.Plan ?? "no plan";
  } catch (error) {
    // The answer is the code alone: PostgreSQL's message would quote the statement.
    return String((error as { code?: unknown }).code ?? "unknown");
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT holdfast_plan; RELEASE SAVEPOINT holdfast_plan");
  }
}

async function protectedTables(questions: Questions, plan: CostedPlan): Promise<readonly string[]> {
  const names = [...new Set(nodesOf(plan).flatMap((node) => relationOf(node) ?? []))];
  if (names.length === 0) return [];
  const rows = await questions.rows<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relrowsecurity AND n.nspname || '.' || c.relname = ANY ($1::text[]) ORDER BY 1`,
    [names],
  );
  return rows.map(({ name }) => name);
}

export const nodesOf = (plan: CostedPlan): readonly CostedPlan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/** "schema.table", unquoted. */
export const relationOf = (node: CostedPlan): string | undefined =>
  node.Schema === undefined || node["Relation Name"] === undefined
    ? undefined
    : `${node.Schema}.${node["Relation Name"]}`;

/** Numbers of PostgreSQL's own naming stay; constants go. */
function redactLine(line: string): string {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const named = line.replaceAll(/\b(InitPlan|SubPlan) ([0-9]+)/g, "$1_$2");
  return `${indent}${redactStatement(named)}`.replaceAll(/\b(InitPlan|SubPlan)_([0-9]+)/g, "$1 $2");
}
