// Room in tables that holds nothing: dead rows that no clean-up took, and gaps that were never filled again. Measured by pgstattuple
// where it is there, else estimated from the statistics, and each says which.

import { type Questions, schemaOf } from "./question.ts";
import type { Bloat } from "./shapes.ts";

export const BLOATED_SHARE = 1 / 3;
export const BLOATED_BYTES = 1_000_000;
/** Tables that are measured, the largest first, and how large one may be to be read through. */
const TABLES_MAX = 20;
const MEASURED_BYTES_MAX = 1_000_000_000;
const PAGES_MIN = 64;

interface Measured {
  readonly table: string;
  readonly bytes: number;
  readonly deadBytes: number;
  readonly freeBytes: number;
}

const TABLES = `
  SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS table, pg_catalog.pg_relation_size(c.oid)::float8 AS bytes
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND pg_catalog.pg_relation_size(c.oid) >= ${PAGES_MIN} * 8192
  ORDER BY 3 DESC LIMIT ${TABLES_MAX}`;

export async function readBloat(questions: Questions): Promise<readonly Bloat[]> {
  const tables = await questions.guarded("bloat", [], () =>
    questions.rows<{ oid: number; table: string; bytes: number }>(TABLES),
  );
  const schema = await schemaOf(questions, "pgstattuple");
  const found: Bloat[] = [];
  for (const { oid, table, bytes } of tables) {
    const measured =
      schema === undefined || bytes > MEASURED_BYTES_MAX
        ? undefined
        : await questions.guarded(`bloat of ${table}`, undefined, () => measure(questions, schema, oid, table));
    const estimated =
      measured ?? (await questions.guarded(`bloat of ${table}`, undefined, () => estimate(questions, oid, table)));
    if (estimated !== undefined)
      found.push(judged(estimated, measured === undefined ? "estimated from pg_stats" : "pgstattuple_approx"));
  }
  return found.toSorted((left, right) => right.deadBytes + right.freeBytes - left.deadBytes - left.freeBytes);
}

async function measure(
  questions: Questions,
  schema: string,
  oid: number,
  table: string,
): Promise<Measured | undefined> {
  const [row] = await questions.rows<Omit<Measured, "table">>(
    `SELECT table_len::float8 AS bytes, dead_tuple_len::float8 AS "deadBytes", approx_free_space::float8 AS "freeBytes"
     FROM ${schema}.pgstattuple_approx($1::oid)`,
    [oid],
  );
  return row === undefined ? undefined : { table, ...row };
}

/** A row: 24 bytes of header, 4 of its pointer, its columns' mean widths, rounded up to 8 (PostgreSQL, 66.6). Needs ANALYZE once. */
const ESTIMATE = `
  SELECT bytes, 0::float8 AS "deadBytes", greatest(0, bytes - ceil(rows * (28 + ceil(width / 8) * 8) / (8168 * fill)) * 8192) AS "freeBytes"
  FROM (
    SELECT pg_catalog.pg_relation_size(c.oid)::float8 AS bytes, greatest(c.reltuples, 0)::float8 AS rows,
      coalesce((SELECT option_value::float8 / 100 FROM pg_catalog.pg_options_to_table(c.reloptions) WHERE option_name = 'fillfactor'), 1) AS fill,
      (SELECT sum(s.avg_width * (1 - s.null_frac)) FROM pg_catalog.pg_stats s JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE s.schemaname = n.nspname AND s.tablename = c.relname AND NOT s.inherited)::float8 AS width
    FROM pg_catalog.pg_class c WHERE c.oid = $1 AND c.reltuples >= 0) AS table_facts
  WHERE width IS NOT NULL`;

/** As whoever connected: pg_monitor sees no statistics of columns. */
async function estimate(questions: Questions, oid: number, table: string): Promise<Measured | undefined> {
  await questions.client.query("SET LOCAL ROLE NONE");
  const [row] = await questions.rows<Omit<Measured, "table">>(ESTIMATE, [oid]);
  if (row !== undefined) return { table, ...row };
  questions.notSeen.push({
    what: `bloat of ${table}`,
    reason: `there are no statistics that may be read: ANALYZE ${table}`,
  });
  return undefined;
}

function judged({ table, bytes, deadBytes, freeBytes }: Measured, method: Bloat["method"]): Bloat {
  const share = bytes === 0 ? 0 : (deadBytes + freeBytes) / bytes;
  const isBloated = share >= BLOATED_SHARE && deadBytes + freeBytes >= BLOATED_BYTES;
  // What is dead a plain VACUUM makes free; what is free is filled again by new rows, and only a rewrite gives it back.
  const mend = deadBytes >= freeBytes ? `VACUUM (ANALYZE) ${table};` : `VACUUM (FULL, ANALYZE) ${table};`;
  return { table, bytes, deadBytes, freeBytes, share, method, isBloated, mend: isBloated ? mend : null };
}
