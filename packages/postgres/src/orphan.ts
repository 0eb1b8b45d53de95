// Who uses a cluster's directory. A living owner is left alone and reported; a PostgreSQL whose owner was killed is stopped,
// so that nobody has to look for it by hand.
import { readFile, readlink, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { ClusterDirectory } from "./cluster-directory.ts";
import { ClusterError } from "./error.ts";
import { readPidFile } from "./postmaster.ts";

interface OwnerRecord {
  readonly pid: number;
  /** The process's start time as the kernel tells it, so that a reused number is not taken for the owner. */
  readonly started: string;
}

const POLL_MS = 20;
const STOP_TIMEOUT_MS = 20_000;
const STAT_START_FIELD = 19;

/** Takes the directory for this process, stopping what a killed owner left. Throws cluster/in-use when its owner lives. */
export async function takeOver(directory: ClusterDirectory, progress: (message: string) => void): Promise<void> {
  const owner = await readOwner(directory);
  if (owner !== undefined && (await startTime(owner.pid)) === owner.started) throw inUse(directory, owner.pid);
  const left = await readPidFile(directory);
  if (left !== undefined && isAlive(left.pid)) {
    if (await runsOn(left.pid, directory)) {
      progress(`stopping the PostgreSQL that a killed Holdfast left running (process ${left.pid})`);
      await stopLeft(left.pid, directory);
    } else {
      // The number belongs to another program now. PostgreSQL would refuse to start because of it.
      await rm(join(directory.data, "postmaster.pid"), { force: true });
    }
  }
  const record: OwnerRecord = { pid: process.pid, started: (await startTime(process.pid)) ?? "" };
  await writeFile(directory.ownerFile, JSON.stringify(record), { mode: 0o600 });
}

/** Gives the directory free. */
export async function release(directory: ClusterDirectory): Promise<void> {
  await rm(directory.ownerFile, { force: true });
}

const inUse = (directory: ClusterDirectory, pid: number): ClusterError =>
  new ClusterError("cluster/in-use", {
    expected: `nobody else to use ${directory.root}`,
    found: `process ${pid} running it`,
    hint: "Stop that Holdfast first, or choose another data directory.",
  });

async function readOwner(directory: ClusterDirectory): Promise<OwnerRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(directory.ownerFile, "utf8")) as OwnerRecord;
    return Number.isInteger(record.pid) && typeof record.started === "string" ? record : undefined;
  } catch {
    return undefined; // None, or cut off by a crash: then postmaster.pid alone decides.
  }
}

async function stopLeft(pid: number, directory: ClusterDirectory): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    send(pid, signal);
    for (let waitedMs = 0; waitedMs < STOP_TIMEOUT_MS; waitedMs += POLL_MS) {
      if (!isAlive(pid) || !(await runsOn(pid, directory))) return;
      await wait(POLL_MS);
    }
  }
  throw inUse(directory, pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // Alive, but somebody else's.
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone in the meantime, or not ours to stop: the loop above notices which.
  }
}

/** Whether the process is a PostgreSQL on this data: its working folder is the data directory. */
async function runsOn(pid: number, directory: ClusterDirectory): Promise<boolean> {
  if (process.platform !== "linux") return true; // postmaster.pid and a living process are all that can be known.
  return (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) === directory.data; // Gone, or somebody else's.
}

async function startTime(pid: number): Promise<string | undefined> {
  if (!isAlive(pid)) return undefined;
  if (process.platform !== "linux") return "unknown";
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined); // Ended just now.
  // The name in parentheses may hold blanks; fields are counted after it (proc(5)).
  return text?.slice(text.lastIndexOf(")") + 2).split(" ")[STAT_START_FIELD];
}
