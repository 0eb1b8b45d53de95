// Indexes that are missing or needless: what the inspection's rules find in the catalogs, and sequential scans of large tables in the
// plans of the statements that take most time. Each with its reason and the line of SQL.

import { inspectInTransaction } from "../inspect/inspect.ts";
import type { Rule } from "../inspect/rule/rule.ts";
import { quoted } from "../inspect/rule/subject.ts";
import { foreignKeyUnindexed } from "../inspect/rules/foreign-key-unindexed.ts";
import { indexDuplicate } from "../inspect/rules/index-duplicate.ts";
import { indexUnused } from "../inspect/rules/index-unused.ts";
import { policyColumnUnindexed } from "../inspect/rules/policy-column-unindexed.ts";
import { type CostedPlan, nodesOf, relationOf } from "./plan-statement.ts";
import type { Questions } from "./question.ts";
import type { IndexAdvice } from "./shapes.ts";

const rules: readonly Rule[] = [policyColumnUnindexed, foreignKeyUnindexed, indexUnused, indexDuplicate];
const ADVICE_MAX = 50;
/** Rows from which on reading all of a table is worth a word. */
export const LARGE_ROWS = 10_000;
/** A column with fewer different values finds too many rows to need an index. */
const DISTINCT_MIN = 20;
/** Part of the rows below which an index would have found them faster. */
const FOUND_SHARE_MAX = 0.1;

/** A plan, and how much the statement behind it is worth a word. */
export interface ScannedStatement {
  readonly id: string;
  readonly role: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly node: CostedPlan;
}

export async function readIndexAdvice(
  questions: Questions,
  statements: readonly ScannedStatement[],
): Promise<readonly IndexAdvice[]> {
  const found = await questions.guarded("index advice", [], async () => {
    // The inspection as whoever connected: it reads catalogs, and what a policy calls.
    await questions.client.query("SET LOCAL ROLE NONE");
    const { findings, unseen } = await inspectInTransaction(questions.client, { rules });
    questions.notSeen.push(...unseen.map(({ rule, what, hint }) => ({ what: rule, reason: `${what}: ${hint}` })));
    return findings;
  });
  const catalog = found.map(({ rule, object, found: seen, fix }) => ({
    rule,
    object,
    reason: `${rules.find(({ id }) => id === rule)?.why ?? ""} ${seen}`.trim(),
    sql: fix,
  }));
  const known = new Set(catalog.flatMap(({ sql }) => sql));
  const scans = await questions.guarded("sequential scans", [], () => adviseScans(questions, statements));
  return [...scans.filter(({ sql }) => !sql.every((line) => known.has(line))), ...catalog].slice(0, ADVICE_MAX);
}

async function adviseScans(
  questions: Questions,
  statements: readonly ScannedStatement[],
): Promise<readonly IndexAdvice[]> {
  await questions.client.query("SET LOCAL ROLE NONE"); // pg_monitor sees no statistics of columns.
  const advice = new Map<string, IndexAdvice>();
  for (const statement of statements)
    for (const scan of nodesOf(statement.node)) {
      const relation = relationOf(scan);
      if (scan["Node Type"] !== "Seq Scan" || relation === undefined || scan.Filter === undefined) continue;
      const columns = comparedColumns(scan.Filter, scan.Alias);
      const best = columns.length === 0 ? undefined : await bestColumn(questions, relation, columns);
      if (best === undefined || scan["Plan Rows"] > best.rows * FOUND_SHARE_MAX) continue;
      const sql = `CREATE INDEX CONCURRENTLY ON ${best.table} (${quoted(best.column)});`;
      if (advice.has(sql)) continue;
      const reason =
        `Statement ${statement.id} as ${statement.role} (${statement.calls} calls, ${Math.round(statement.totalMs)} ms) reads all ` +
        `${best.rows} rows to find those where ${best.column} equals something; no index begins with it.`;
      advice.set(sql, { rule: "sequential-scan", object: best.table, reason, sql: [sql] });
    }
  return [...advice.values()];
}

/** `(t.column = …)` or `((t.column)::text = …)`: as EXPLAIN VERBOSE prints comparisons. */
const COMPARED = /\(\(?(?:("(?:[^"]|"")+"|[a-z_][\w$]*)\.)?("(?:[^"]|"")+"|[a-z_][\w$]*)\)?(?:::[a-z ]+)? = /g;

export function comparedColumns(filter: string, alias: string | undefined): readonly string[] {
  // Alternatives are no conditions that an index on one column serves.
  if (/ OR /.test(filter)) return [];
  const own = [...filter.matchAll(COMPARED)].filter(([, table]) => table === undefined || unquoted(table) === alias);
  return [...new Set(own.map(([, , column = ""]) => unquoted(column)))];
}

const unquoted = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

interface Candidate {
  readonly table: string;
  readonly column: string;
  readonly rows: number;
}

/** The column with most different values, where none has an index. */
async function bestColumn(
  questions: Questions,
  relation: string,
  columns: readonly string[],
): Promise<Candidate | undefined> {
  const rows = await questions.rows<Candidate & { readonly indexed: boolean }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS table, a.attname::text AS column, c.reltuples::float8 AS rows,
       EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum) AS indexed
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY ($2::text[])
       LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname AND NOT s.inherited
     WHERE n.nspname || '.' || c.relname = $1 AND c.reltuples >= ${LARGE_ROWS}
       AND coalesce(CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples ELSE s.n_distinct END, ${DISTINCT_MIN}) >= ${DISTINCT_MIN}
     ORDER BY CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples ELSE s.n_distinct END DESC NULLS LAST, a.attnum`,
    [relation, columns],
  );
  // An index that is there and not used was not worth it to the planner: another one beside it would not be either.
  return rows.some(({ indexed }) => indexed) ? undefined : rows[0];
}
