// The server that is backed up: reached as the backup role, and asked whether it can be backed up at all.
import { BackupError } from "../error.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { HAND_OVER } from "./backup-role.ts";
import { ReplicationConnection } from "./replication-connection.ts";

export interface SourceServer {
  readonly connection: ReplicationConnection;
  /** PostgreSQL's identifier of the cluster, decimal. */
  readonly system: string;
  readonly timeline: number;
  readonly database: string;
  readonly administrator: string;
  readonly version: string;
  readonly segmentBytes: number;
  readonly blockBytes: number;
  /** summarize_wal; undefined before PostgreSQL 17, which does not know it. */
  readonly isLogSummarised: boolean | undefined;
  /** Milliseconds since 1970, by the server's clock. */
  now(): Promise<number>;
}

const BOOTSTRAP_SUPERUSER_ID = 10;

/** Connects, and says clearly when the server does not allow what is needed. @throws BackupError */
export async function openSource(settings: GuardedSettings, applicationName: string): Promise<SourceServer> {
  const connection = await ReplicationConnection.open(settings, applicationName).catch((cause: unknown) => {
    throw refusal(cause);
  });
  try {
    const [identity] = await connection.rows("IDENTIFY_SYSTEM");
    const [facts] = await connection.rows(
      `select current_setting('wal_level') as wal_level, current_setting('server_version') as version,
              (select setting::bigint from pg_catalog.pg_settings where name = 'wal_segment_size') as segment_bytes,
              current_setting('block_size') as block_bytes, current_setting('summarize_wal', true) as summarises,
              current_database() as database,
              (select rolname from pg_catalog.pg_roles where oid = ${BOOTSTRAP_SUPERUSER_ID}) as administrator`,
    );
    if (identity === undefined || facts === undefined) throw new TypeError("the server does not say who it is");
    if (facts["wal_level"] === "minimal") {
      throw new BackupError("backup/server-unsuitable", {
        expected: "wal_level to be replica or logical",
        found: "wal_level = minimal",
        hint: "Set wal_level = replica and restart the server; without it no backup can be restored to a moment.",
      });
    }
    return {
      connection,
      system: identity["systemid"] as string,
      timeline: Number(identity["timeline"]),
      database: facts["database"] as string,
      administrator: facts["administrator"] as string,
      version: /^\d+(\.\d+)?/.exec(facts["version"] as string)?.[0] ?? "",
      segmentBytes: Number(facts["segment_bytes"]),
      blockBytes: Number(facts["block_bytes"]),
      isLogSummarised: facts["summarises"] === null ? undefined : facts["summarises"] === "on",
      now: async () => {
        const [row] = await connection.rows("select (extract(epoch from clock_timestamp()) * 1000)::bigint as now");
        return Number(row?.["now"]);
      },
    };
  } catch (cause) {
    connection.destroy();
    throw cause instanceof BackupError ? cause : refusal(cause);
  }
}

/** What a server's refusal to replicate means. */
export function refusal(cause: unknown): BackupError {
  const { code } = cause as { readonly code?: string };
  if (code === "42501" || code === "28000" || code === "28P01" || code === "0A000" || code === "42601") {
    return new BackupError("backup/not-allowed", {
      expected: "a role that may replicate, and a rule in pg_hba.conf that lets it connect",
      found: `a refusal (${code})`,
      hint: `Give the role REPLICATION, and connect past a pooler. ${HAND_OVER}`,
      cause,
    });
  }
  if (code === "53300" || code === "53400" || code === "55000") {
    return new BackupError("backup/server-unsuitable", {
      expected: "a free walsender and replication slot",
      found: `a refusal (${code})`,
      hint: "Raise max_wal_senders and max_replication_slots, or end what uses them.",
      cause,
    });
  }
  return new BackupError("backup/interrupted", {
    expected: "the server to answer until the end",
    found: code ?? "a lost connection",
    hint: "Is the server up? What was begun is not counted, and the next try begins anew.",
    cause,
  });
}
