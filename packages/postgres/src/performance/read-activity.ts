// Who is connected, what they wait for, and who holds up whom.

import { blockingDepth, blockingTrees } from "./blocking-tree.ts";
import type { Questions } from "./question.ts";
import { redactStatement } from "./redact-statement.ts";
import type { Activity, Session } from "./shapes.ts";

/** Sessions that are looked at. */
const SESSIONS_MAX = 500;

const SESSIONS = `
  SELECT a.pid, a.usename::text AS login, a.state, a.wait_event_type AS "waitType", a.wait_event AS wait, a.query AS text,
    extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8 * 1000 AS "transactionMs",
    extract(epoch FROM pg_catalog.clock_timestamp() - a.state_change)::float8 * 1000 AS "stateMs",
    w.waited AS "lockWaitMs", w.lock,
    CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) ELSE '{}' END AS blockers
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN LATERAL (
    SELECT extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart)::float8 * 1000 AS waited,
      l.mode || coalesce(' on ' || l.relation::pg_catalog.regclass::text, ' of a ' || l.locktype) AS lock
    FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND NOT l.granted LIMIT 1) w ON a.wait_event_type = 'Lock'
  WHERE a.datname = pg_catalog.current_database() AND a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type = 'client backend'
  ORDER BY a.wait_event_type = 'Lock' DESC, a.xact_start NULLS LAST LIMIT ${SESSIONS_MAX}`;

export async function readActivity(questions: Questions): Promise<Activity> {
  const sessions = await questions.guarded<readonly Session[]>("sessions", [], async () =>
    (await questions.rows<Session>(SESSIONS)).map((session) => ({
      ...session,
      text: redactStatement(session.text ?? ""),
    })),
  );
  const [limit] = await questions.rows<{ max: number }>(
    "SELECT setting::int AS max FROM pg_catalog.pg_settings WHERE name = 'max_connections'",
  );
  const blocking = blockingTrees(sessions);
  const blocked = sessions.filter(({ blockers }) => blockers.length > 0);
  const longest = (values: readonly (number | null)[]): number => Math.max(0, ...values.map((value) => value ?? 0));
  return {
    connections: sessions.length,
    connectionsMax: limit?.max ?? 0,
    states: counted(sessions.map(({ state }) => state ?? "unknown")),
    waits: counted(sessions.filter(({ state }) => state === "active").map(({ waitType }) => waitType ?? "CPU")),
    blocking,
    blockingDepth: blockingDepth(blocking),
    blocked: blocked.length,
    longestBlockedMs: longest(blocked.map(({ lockWaitMs }) => lockWaitMs)),
    oldestTransactionMs: longest(sessions.map(({ transactionMs }) => transactionMs)),
  };
}

function counted(words: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
