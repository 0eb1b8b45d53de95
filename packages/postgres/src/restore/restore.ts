// Restores a backup to a moment into a directory of its own. Files are written and replayed under another name, and get theirs at
// the end: a restore that was stopped half way leaves no cluster that somebody could start.
import { lstat, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { BackupRecord } from "../backup/backup-record.ts";
import { findBinaries } from "../binaries.ts";
import { writeConfiguration } from "../cluster-configuration.ts";
import { type ClusterDirectory, openClusterDirectory, removeSocketFolder } from "../cluster-directory.ts";
import { BackupError, ClusterError } from "../error.ts";
import { release, takeOver } from "../orphan.ts";
import { chooseProcessOwner, type ProcessOwner } from "../unprivileged-user.ts";
import { recover } from "./recover.ts";
import { type PlanOptions, planRestore, type RestorePlan } from "./restore-plan.ts";
import { unpackBackup } from "./unpack.ts";
import { writeLog } from "./write-log.ts";

export interface RestoreOptions extends PlanOptions {
  /** A folder that does not exist or is empty; becomes the directory of an embedded cluster. */
  readonly into: string;
  /** More settings while the log is replayed, such as `fsync = off` for tests. Values of the program, never of a request. */
  readonly serverSettings?: Readonly<Record<string, string>>;
  readonly onProgress?: (progress: RestoreProgress) => void;
  readonly signal?: AbortSignal;
}

export type RestoreProgress =
  | { readonly step: "files"; readonly bytes: number; readonly about: number }
  | { readonly step: "log"; readonly pieces: number; readonly of: number }
  | { readonly step: "replay" };

export interface Restored {
  readonly backup: BackupRecord;
  readonly directory: string;
  readonly files: number;
  readonly bytes: number;
  readonly logPieces: number;
  /** The commit time of the last transaction in it, in milliseconds since 1970. */
  readonly lastCommitAt: number | undefined;
}

/** @throws BackupError, ClusterError; what was begun is removed then. */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const plan = await planRestore(options);
  const owner = await chooseProcessOwner();
  const binaries = await findBinaries(owner);
  refuseOtherVersion(plan, binaries.majorVersion);
  const isNew = await isMissing(options.into);
  const directory = await openPlace(options.into, owner);
  const unfinished: ClusterDirectory = { ...directory, data: join(directory.root, "data.unfinished") };
  try {
    await takeOver(unfinished, () => undefined); // A restore that was killed may have left its PostgreSQL.
    await rm(unfinished.data, { recursive: true, force: true });
    const { target, onProgress, signal } = options;
    const unpacked = await unpackBackup({
      target,
      chain: plan.chain,
      into: { folder: unfinished.data, owner },
      onProgress: (bytes, about) => onProgress?.({ step: "files", bytes, about }),
      ...(signal === undefined ? {} : { signal }),
    });
    await writeLog(plan, unfinished.data, owner, (pieces, of) => onProgress?.({ step: "log", pieces, of }));
    signal?.throwIfAborted();
    onProgress?.({ step: "replay" });
    const { postmaster, lastCommitAt } = await recover(plan, binaries, unfinished, owner, options.serverSettings);
    await postmaster.stop();
    await writeConfiguration(directory, owner, {});
    await rename(unfinished.data, directory.data);
    return {
      backup: plan.backup.record,
      directory: directory.root,
      ...unpacked,
      logPieces: plan.log.length,
      lastCommitAt,
    };
  } catch (cause) {
    await rm(unfinished.data, { recursive: true, force: true }).catch(() => undefined); // The disk that failed.
    if (isNew) await removePlace(options.into, directory).catch(() => undefined);
    throw explained(cause, directory.root);
  } finally {
    await release(directory);
    await removeSocketFolder(directory);
  }
}

/** Data made by one major version is readable by no other. @throws BackupError */
export function refuseOtherVersion({ backup }: RestorePlan, majorVersion: string): void {
  const { serverVersion, id } = backup.record;
  if (serverVersion.split(".")[0] === majorVersion) return;
  throw new BackupError("restore/version-mismatch", {
    expected: `a backup made by PostgreSQL ${majorVersion}`,
    found: `${id}, made by ${serverVersion}`,
    hint: "Restore it with the release that made it.",
  });
}

const isMissing = (path: string): Promise<boolean> =>
  lstat(resolve(path)).then(
    () => false,
    () => true, // Not there, or below something that is no folder: opening it says which.
  );

async function openPlace(into: string, owner: ProcessOwner): Promise<ClusterDirectory> {
  let directory: ClusterDirectory;
  try {
    directory = await openClusterDirectory(into, owner, () => undefined);
  } catch (cause) {
    if (!(cause instanceof ClusterError)) throw cause;
    throw new BackupError(
      cause.code === "cluster/directory-not-ours" ? "restore/place-taken" : "restore/place-unwritable",
      { expected: cause.expected, found: cause.found, hint: cause.hint, cause },
    );
  }
  if ((await readdir(directory.root)).includes("data")) {
    throw new BackupError("restore/place-taken", {
      expected: `no cluster in ${directory.root}`,
      found: "one",
      hint: "Restore into another folder, look at what is there, and put it into its place yourself.",
    });
  }
  return directory;
}

/** What we made ourselves goes again: the folder, and where root had to put it elsewhere also the link to it. */
async function removePlace(into: string, { root }: ClusterDirectory): Promise<void> {
  await rm(root, { recursive: true, force: true });
  if (resolve(into) !== root) await rm(resolve(into), { force: true });
  await rmdir(resolve(into)).catch(() => undefined); // Gone already.
}

/** What the file system says, in words for whoever restores. */
export function explained(cause: unknown, place: string): unknown {
  if (cause instanceof BackupError) return cause;
  const code = cause instanceof ClusterError ? cause.code : (cause as NodeJS.ErrnoException).code;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "cluster/disk-full") {
    return new BackupError("restore/disk-full", {
      expected: `room for the restored data on the disk of ${place}`,
      found: "a full disk",
      hint: "Make room, or restore into a folder on another disk. Nothing of the attempt is left.",
      cause,
    });
  }
  if (code === "EROFS" || code === "EACCES" || code === "EPERM") {
    return new BackupError("restore/place-unwritable", {
      expected: `to be able to write in ${place}`,
      found: code,
      hint: "Choose another folder. Nothing of the attempt is left.",
      cause,
    });
  }
  return cause;
}
