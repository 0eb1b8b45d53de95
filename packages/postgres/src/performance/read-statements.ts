// Which statements the time goes to, and as which role, from pg_stat_statements. Texts leave here without values only.

import { type Questions, schemaOf } from "./question.ts";
import { redactStatement } from "./redact-statement.ts";
import type { RoleTimes, StatementTimes } from "./shapes.ts";

export interface StatementsSeen {
  /** Those with most time, most calls, or the longest mean. */
  readonly statements: readonly StatementTimes[];
  readonly roles: readonly RoleTimes[];
  /** Milliseconds since 1970: counted since then. */
  readonly since: number | null;
  /** How many different statements were counted. */
  readonly counted: number;
}

/** As PostgreSQL gave it, to be planned and never shown. */
export interface RawStatement extends StatementTimes {
  readonly raw: string;
}

/** Statements taken by each order. */
export const STATEMENTS_MAX = 20;
export const EXTENSION = "pg_stat_statements";

export type CountedStatements = Omit<StatementsSeen, "statements"> & { readonly statements: readonly RawStatement[] };

const nothingCounted: CountedStatements = { statements: [], roles: [], since: null, counted: 0 };

export async function readStatements(questions: Questions): Promise<CountedStatements> {
  const schema = await schemaOf(questions, EXTENSION);
  if (schema === undefined) {
    questions.notSeen.push({
      what: "statements by time",
      reason: `the extension ${EXTENSION} is not there: name it in shared_preload_libraries and CREATE EXTENSION ${EXTENSION}`,
    });
    return nothingCounted;
  }
  return questions.guarded("statements by time", nothingCounted, async () => {
    const rows = await questions.rows<Omit<RawStatement, "text">>(statementsQuery(schema));
    const roles = await questions.rows<RoleTimes>(rolesQuery(schema));
    const [about] = await questions.rows<{ since: number | null; counted: number }>(
      `SELECT (SELECT extract(epoch FROM stats_reset)::float8 * 1000 FROM ${schema}.pg_stat_statements_info) AS since,
         (SELECT count(*)::int FROM ${schema}.pg_stat_statements(false)) AS counted`,
    );
    return {
      statements: rows.map((row) => ({ ...row, text: redactStatement(row.raw) })),
      roles,
      since: about?.since ?? null,
      counted: about?.counted ?? 0,
    };
  });
}

/** Of this database, and not our own looking. */
const OF_HERE = `s.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND r.rolname <> 'pg_monitor'`;

const statementsQuery = (schema: string): string => `
  WITH ranked AS (
    SELECT s.queryid, s.userid, r.rolname, s.toplevel, s.calls, s.total_exec_time, s.mean_exec_time, s.max_exec_time, s.rows,
      s.shared_blks_hit, s.shared_blks_read, s.temp_blks_written,
      row_number() OVER (ORDER BY s.total_exec_time DESC) AS by_time,
      row_number() OVER (ORDER BY s.calls DESC) AS by_calls,
      row_number() OVER (ORDER BY s.mean_exec_time DESC) AS by_mean
    FROM ${schema}.pg_stat_statements(false) s JOIN pg_catalog.pg_roles r ON r.oid = s.userid WHERE ${OF_HERE}),
  chosen AS (SELECT * FROM ranked WHERE least(by_time, by_calls, by_mean) <= ${STATEMENTS_MAX}),
  texts AS (SELECT DISTINCT ON (t.queryid, t.userid, t.toplevel) t.queryid, t.userid, t.toplevel, t.query FROM ${schema}.pg_stat_statements(true) t
    WHERE t.dbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
  SELECT c.queryid::text AS id, c.rolname::text AS role, coalesce(t.query, '') AS raw, c.calls::float8 AS calls,
    c.total_exec_time AS "totalMs", c.mean_exec_time AS "meanMs", c.max_exec_time AS "maxMs", c.rows::float8 AS rows,
    c.shared_blks_hit::float8 AS "blocksHit", c.shared_blks_read::float8 AS "blocksRead", c.temp_blks_written::float8 AS "temporaryBlocks"
  FROM chosen c LEFT JOIN texts t ON t.queryid = c.queryid AND t.userid = c.userid AND t.toplevel = c.toplevel
  ORDER BY c.total_exec_time DESC`;

const rolesQuery = (schema: string): string => `
  SELECT r.rolname::text AS role, sum(s.calls)::float8 AS calls, sum(s.total_exec_time)::float8 AS "totalMs"
  FROM ${schema}.pg_stat_statements(false) s JOIN pg_catalog.pg_roles r ON r.oid = s.userid WHERE ${OF_HERE}
  GROUP BY r.rolname ORDER BY 3 DESC LIMIT ${STATEMENTS_MAX}`;
