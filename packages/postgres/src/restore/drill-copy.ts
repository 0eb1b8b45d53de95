// A backup restored on trial: a running PostgreSQL on a scratch folder, reachable through a private socket only, asked whatever a
// drill asks, and removed without a trace. Nothing in it is worth a disk's patience, so it does not sync.
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import type pg from "pg";
import type { BackupRecord } from "../backup/backup-record.ts";
import { findBinaries } from "../binaries.ts";
import { SOCKET_PORT } from "../cluster-configuration.ts";
import { openClusterDirectory, removeSocketFolder } from "../cluster-directory.ts";
import { release, takeOver } from "../orphan.ts";
import { GuardedClient, type GuardedSettings } from "../transit/guarded-client.ts";
import { chooseProcessOwner } from "../unprivileged-user.ts";
import { type PageFault, pageFaults } from "./page-faults.ts";
import { recover } from "./recover.ts";
import { explained, refuseOtherVersion } from "./restore.ts";
import { type PlanOptions, planRestore } from "./restore-plan.ts";
import { unpackBackup } from "./unpack.ts";
import { writeLog } from "./write-log.ts";

export interface DrillCopyOptions extends PlanOptions {
  /** A folder that does not exist yet; gone again after `close`. */
  readonly scratch: string;
  /** How the source is connected to: roles and passwords are the same in the copy. */
  readonly settings: (
    database: string,
    role?: { readonly user: string; readonly password: string | (() => Promise<string>) },
  ) => GuardedSettings;
  readonly signal?: AbortSignal;
}

export interface DrillCopy {
  readonly backup: BackupRecord;
  readonly files: number;
  readonly bytes: number;
  readonly logPieces: number;
  /** The commit time of the last transaction that was replayed, in milliseconds since 1970. */
  readonly lastCommitAt: number | undefined;
  /** How to connect to the copy, as the source's administrator or as a role. */
  settings(
    database: string,
    role?: { readonly user: string; readonly password: string | (() => Promise<string>) },
  ): GuardedSettings;
  /** A connected administrator; whoever asks for it ends it. */
  administrator(database: string): Promise<pg.Client>;
  /** What amcheck finds in every table and B-tree of these databases; empty when all pages are sound. */
  pageFaults(
    databases: readonly string[],
  ): Promise<{ readonly relations: number; readonly faults: readonly PageFault[] }>;
  close(): Promise<void>;
}

/** For a cluster that a few connections ask for a few seconds. */
const COPY_SETTINGS = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  autovacuum: "off",
  shared_buffers: "64MB",
};

/** @throws BackupError, ClusterError; nothing is left then. */
export async function openDrillCopy(options: DrillCopyOptions): Promise<DrillCopy> {
  const plan = await planRestore(options);
  const owner = await chooseProcessOwner();
  const binaries = await findBinaries(owner);
  refuseOtherVersion(plan, binaries.majorVersion);
  const directory = await openClusterDirectory(options.scratch, owner, () => undefined);
  const remove = async (): Promise<void> => {
    await release(directory);
    await removeSocketFolder(directory);
    await rm(directory.root, { recursive: true, force: true });
    await rm(resolve(options.scratch), { recursive: true, force: true }); // A link, where root had to put it elsewhere.
  };
  try {
    await takeOver(directory, () => undefined);
    const { target, signal } = options;
    const unpacked = await unpackBackup({
      target,
      chain: plan.chain,
      into: { folder: directory.data, owner },
      ...(signal === undefined ? {} : { signal }),
    });
    await writeLog(plan, directory.data, owner, () => signal?.throwIfAborted());
    const { postmaster, lastCommitAt } = await recover(plan, binaries, directory, owner, COPY_SETTINGS);
    const settings: DrillCopy["settings"] = (database, role) => {
      const { user, password } = options.settings(database, role);
      return {
        host: directory.sockets,
        port: SOCKET_PORT,
        database,
        ...role,
        ...(role === undefined ? { user, password } : {}),
      } as GuardedSettings;
    };
    const administrator = async (database: string): Promise<pg.Client> => {
      const client = new GuardedClient(settings(database));
      client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
      await client.connect();
      return client;
    };
    return {
      backup: plan.backup.record,
      ...unpacked,
      logPieces: plan.log.length,
      lastCommitAt,
      settings,
      administrator,
      pageFaults: (databases) => pageFaults(databases, administrator),
      async close() {
        await postmaster.stop();
        await remove();
      },
    };
  } catch (cause) {
    await remove().catch(() => undefined); // The disk that failed.
    throw explained(cause, directory.root);
  }
}
