// What tests and benchmarks of backups work in: a cluster of its own that can be replicated, a target, a keyring, an archiver.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeyWrapper } from "@holdfast/vault";
import pg from "pg";
import type { BackupRecord } from "../backup/backup-record.ts";
import { ensureBackupRole } from "../backup/backup-role.ts";
import type { BackupTarget } from "../backup/backup-target.ts";
import { takeBaseBackup } from "../backup/base-backup.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import { type LogArchiver, type LogArchiverOptions, startLogArchiver } from "../backup/log-archiver.ts";
import { parseLogPosition } from "../backup/log-position.ts";
import { type Cluster, openCluster } from "../cluster.ts";
import { type Restored, type RestoreOptions, restoreBackup } from "../restore/restore.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { testKeys } from "./test-keys.ts";

export interface BackupRoom {
  readonly folder: string;
  readonly cluster: Cluster;
  /** As the backup role. */
  readonly settings: GuardedSettings;
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** A connected superuser on the source. */
  readonly client: pg.Client;
  /** One more; whoever asks for it ends it. */
  connect(): Promise<pg.Client>;
  /** Full, or of what has changed since another. */
  backup(parent?: string): Promise<BackupRecord>;
  archiver(options?: Partial<LogArchiverOptions>): LogArchiver;
  /** Everything written by now is archived. */
  archived(archiver: LogArchiver): Promise<void>;
  /** The server's clock, in milliseconds since 1970. */
  now(): Promise<number>;
  restore(into: string, options?: Partial<RestoreOptions>): Promise<Restored>;
  /** Starts a restored cluster, asks it, and stops it. */
  ask<T>(into: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const PASSWORD = "a password of the tests";
/** The server's own waits protect nothing here. */
const SETTINGS = { fsync: "off", synchronous_commit: "on", autovacuum: "off", max_connections: "20" };
const CATCH_UP_MS = 30_000;

export async function openBackupRoom(serverSettings: Readonly<Record<string, string>> = {}): Promise<BackupRoom> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-backup-"));
  await chmod(folder, 0o711); // The unprivileged user passes through to its own folder.
  const cluster = await openCluster({
    directory: join(folder, "source"),
    superuserPassword: PASSWORD,
    serverSettings: { ...SETTINGS, ...serverSettings },
  });
  const settings = await ensureBackupRole(cluster, "a password of the backup role");
  const target = await openFolderTarget(join(folder, "target"));
  const keys = testKeys("a keyring");
  const client = await connected(cluster);
  const archivers: LogArchiver[] = [];
  return {
    folder,
    cluster,
    settings,
    target,
    keys,
    client,
    connect: () => connected(cluster),
    backup: (parent) => takeBaseBackup({ settings, target, keys, ...(parent === undefined ? {} : { parent }) }),
    archiver(options = {}) {
      const archiver = startLogArchiver({ settings, target, keys, storeWithinMs: 50, ...options });
      archivers.push(archiver);
      return archiver;
    },
    async archived(archiver) {
      const { rows } = await client.query<{ position: string }>("select pg_current_wal_flush_lsn() as position");
      await archiver.catchUp(parseLogPosition(rows[0]?.position ?? "") ?? 0n, CATCH_UP_MS);
    },
    async now() {
      const { rows } = await client.query<{ now: string }>(
        "select ceil(extract(epoch from clock_timestamp()) * 1000)::bigint as now",
      );
      return Number(rows[0]?.now);
    },
    restore: (into, options = {}) =>
      restoreBackup({ target, keys, into: join(folder, into), serverSettings: { fsync: "off" }, ...options }),
    async ask(into, work) {
      const restored = await openCluster({
        directory: join(folder, into),
        superuserPassword: PASSWORD,
        serverSettings: SETTINGS,
      });
      try {
        const asking = await connected(restored);
        try {
          return await work(asking);
        } finally {
          await asking.end();
        }
      } finally {
        await restored.stop();
      }
    },
    async close() {
      for (const archiver of archivers) await archiver.stop();
      await client.end().catch(() => undefined); // The cluster may be gone already.
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function connected(cluster: Cluster): Promise<pg.Client> {
  const client = new pg.Client(cluster.settings("postgres"));
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  await client.connect();
  return client;
}
