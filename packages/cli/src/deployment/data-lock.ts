// One process per data directory. The lock is a file that names its holder; one whose holder is gone is taken over.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";

const FILE = "lock";
/** Others may pass through to the folder of PostgreSQL, which runs as another user when we are root; they can list nothing. */
export const DATA_MODE = 0o711;

export interface DataLock {
  release(): void;
}

/** Makes the data directory when missing, and holds it. */
export function lockData(dataDirectory: string): DataLock {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: DATA_MODE });
  } catch (cause) {
    throw unwritable(dataDirectory, cause);
  }
  const file = join(dataDirectory, FILE);
  for (const attempt of [1, 2]) {
    try {
      take(file);
      return { release: () => rmSync(file, { force: true }) };
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "EEXIST") throw unwritable(dataDirectory, cause);
      const holder = holderOf(file, dataDirectory);
      if (holder !== undefined || attempt === 2) throw alreadyRunning(dataDirectory, holder);
      rmSync(file, { force: true });
    }
  }
  throw alreadyRunning(dataDirectory, undefined);
}

/** Makes the lock file, or leaves none: on a full disk it could be made, but not filled. */
function take(file: string): void {
  const descriptor = openSync(file, "wx", 0o600);
  try {
    writeSync(descriptor, String(process.pid));
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** The process that holds the lock, or undefined when it is gone. */
function holderOf(file: string, dataDirectory: string): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(file, "utf8"));
  } catch (cause) {
    // Somebody else's lock: the folder is not this user's.
    throw unwritable(dataDirectory, cause);
  }
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // ESRCH: the process is gone and its lock with it. EPERM: it lives under another user.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : undefined;
  }
}

function alreadyRunning(dataDirectory: string, pid: number | undefined): CliError {
  return new CliError(
    "cli/already-running",
    `${dataDirectory} is in use${pid === undefined ? "" : ` by process ${pid}`}`,
    "stop that one first (Ctrl-C in its terminal), or give another project folder",
  );
}

function unwritable(dataDirectory: string, cause: unknown): CliError {
  return new CliError(
    "cli/data-unwritable",
    `the data directory ${dataDirectory} was expected to be writable; ${(cause as Error).message}`,
    "check its owner and mode, and that the disk is not full or read-only",
    cause,
  );
}
