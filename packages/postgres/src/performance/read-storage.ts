// The cache, input and output, and how large things are.

import type { Questions } from "./question.ts";
import type { DatabaseCounters, InputOutput, TableSize } from "./shapes.ts";

export const TABLES_MAX = 30;
const IO_LINES_MAX = 40;
const IO_SINCE = 160_000;
const IO_BYTES_SINCE = 180_000;

export async function readCounters(questions: Questions): Promise<DatabaseCounters | null> {
  return questions.guarded("the database's counters", null, async () => {
    const [row] = await questions.rows<DatabaseCounters>(
      `SELECT s.xact_commit::float8 AS commits, s.xact_rollback::float8 AS rollbacks, s.blks_hit::float8 AS "blocksHit",
         s.blks_read::float8 AS "blocksRead", s.temp_bytes::float8 AS "temporaryBytes", s.deadlocks::float8 AS deadlocks,
         coalesce(s.checksum_failures, 0)::float8 AS "checksumFailures", extract(epoch FROM s.stats_reset)::float8 * 1000 AS since,
         pg_catalog.pg_database_size(d.oid)::float8 AS bytes, pg_catalog.age(d.datfrozenxid)::float8 AS "transactionAge"
       FROM pg_catalog.pg_database d JOIN pg_catalog.pg_stat_database s ON s.datid = d.oid WHERE d.datname = pg_catalog.current_database()`,
    );
    return row ?? null;
  });
}

export async function readInputOutput(questions: Questions): Promise<readonly InputOutput[]> {
  const [server] = await questions.rows<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const version = server?.version ?? 0;
  if (version < IO_SINCE) {
    questions.notSeen.push({ what: "input and output", reason: "pg_stat_io is there since PostgreSQL 16" });
    return [];
  }
  const bytes = (bytesColumn: string, count: string): string =>
    version >= IO_BYTES_SINCE ? `coalesce(sum(${bytesColumn}), 0)` : `coalesce(sum(${count} * op_bytes), 0)`;
  return questions.guarded("input and output", [], () =>
    questions.rows<InputOutput>(
      `SELECT * FROM (SELECT backend_type AS backend, context, coalesce(sum(hits), 0)::float8 AS hits, ${bytes("read_bytes", "reads")}::float8 AS "readBytes",
         ${bytes("write_bytes", "writes")}::float8 AS "writtenBytes", ${bytes("extend_bytes", "extends")}::float8 AS "extendedBytes",
         coalesce(sum(evictions), 0)::float8 AS evictions
       FROM pg_catalog.pg_stat_io WHERE coalesce(hits, 0) + coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0) > 0
       GROUP BY 1, 2) AS line ORDER BY "readBytes" + "writtenBytes" + "extendedBytes" DESC, hits DESC LIMIT ${IO_LINES_MAX}`,
    ),
  );
}

/** The largest first. */
export async function readTables(questions: Questions): Promise<readonly TableSize[]> {
  return questions.guarded("tables", [], () =>
    questions.rows<TableSize>(
      `SELECT format('%I.%I', s.schemaname, s.relname) AS table, pg_catalog.pg_total_relation_size(s.relid)::float8 AS bytes,
         s.n_live_tup::float8 AS rows, s.n_dead_tup::float8 AS "deadRows", s.seq_scan::float8 AS "sequentialScans",
         s.seq_tup_read::float8 AS "sequentialRows", coalesce(s.idx_scan, 0)::float8 AS "indexScans",
         extract(epoch FROM greatest(s.last_vacuum, s.last_autovacuum))::float8 * 1000 AS "vacuumedAt"
       FROM pg_catalog.pg_stat_user_tables s ORDER BY 2 DESC LIMIT ${TABLES_MAX}`,
    ),
  );
}
