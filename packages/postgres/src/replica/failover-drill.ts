// Rehearses a failover on a copy: a standby is made, caught up, promoted and written to, while the primary goes on undisturbed, and
// everything is removed again. It measures the mechanics; who decides to fail over, and fences the old primary, is an engine's business.
import pg from "pg";
import { parseLogPosition } from "../backup/log-position.ts";
import type { StandbyOptions } from "./standby.ts";
import { openStandby, type Standby } from "./standby.ts";

export interface FailoverReport {
  /** Milliseconds until the copy was made and streamed. */
  readonly copiedMs: number;
  /** Milliseconds from then until it had replayed everything. */
  readonly caughtUpMs: number;
  /** Milliseconds from the order to promote until the first commit on the new primary. */
  readonly firstWriteMs: number;
  readonly timeline: { readonly before: number; readonly after: number };
  /** Whether the copy has everything that was committed before it was promoted. */
  readonly isComplete: boolean;
}

export interface DrillOptions extends StandbyOptions {
  readonly database: string;
}

const CATCH_UP_TIMEOUT_MS = 60_000;
const POLL_MS = 5;
const PRIMARY = "select pg_catalog.pg_current_wal_flush_lsn()::text as position";
const REPLAYED = "select pg_catalog.pg_last_wal_replay_lsn()::text as position";
const TIMELINE = "select timeline_id as timeline from pg_catalog.pg_control_checkpoint()";
/** What was applied to the database and when: any later commit of Holdfast's is another. */
const CONTENT = "select count(*)::text || ' ' || coalesce(max(applied_at)::text, '') as content from holdfast.manifest";
const FIRST_WRITE =
  "create table public.holdfast_failover_drill (at timestamptz not null); insert into public.holdfast_failover_drill values (pg_catalog.clock_timestamp())";

/** @throws ClusterError, BackupError; nothing is left of the copy then. */
export async function failoverDrill(options: DrillOptions): Promise<FailoverReport> {
  const began = performance.now();
  const standby = await openStandby(options);
  try {
    const copied = performance.now();
    return await asked(options.primary.settings(options.database), (primary) =>
      rehearse(primary, standby, options, { copiedMs: copied - began, copied }),
    );
  } finally {
    await standby.remove();
  }
}

async function rehearse(
  primary: pg.Client,
  standby: Standby,
  { database, progress }: DrillOptions,
  { copiedMs, copied }: { readonly copiedMs: number; readonly copied: number },
): Promise<FailoverReport> {
  progress?.("catching up");
  const wanted = positionIn(await primary.query(PRIMARY));
  const content = (await primary.query<{ content: string }>(CONTENT)).rows[0]?.content;
  const before = timelineIn(await primary.query(TIMELINE));
  await asked(standby.settings(database), async (client) => {
    const until = performance.now() + CATCH_UP_TIMEOUT_MS;
    while (positionIn(await client.query(REPLAYED)) < wanted) {
      if (performance.now() > until)
        throw new Error(`the copy did not catch up within ${CATCH_UP_TIMEOUT_MS / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
  const caughtUp = performance.now();
  progress?.("promoting the copy");
  await standby.promote();
  return asked(standby.settings(database), async (client) => {
    await client.query(FIRST_WRITE);
    const firstWriteMs = performance.now() - caughtUp;
    const found = (await client.query<{ content: string }>(CONTENT)).rows[0]?.content;
    await client.query("checkpoint"); // Only then does the control file name the new timeline.
    const after = timelineIn(await client.query(TIMELINE));
    return {
      copiedMs,
      caughtUpMs: caughtUp - copied,
      firstWriteMs,
      timeline: { before, after },
      isComplete: found === content && after > before,
    };
  });
}

const positionIn = ({ rows }: pg.QueryResult<{ position: string }>): bigint =>
  parseLogPosition(rows[0]?.position ?? "") ?? 0n;
const timelineIn = ({ rows }: pg.QueryResult<{ timeline: number }>): number => Number(rows[0]?.timeline);

async function asked<T>(settings: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(settings);
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
