// One PostgreSQL server process: started, watched until it is ready, and stopped. It does not outlive the process that
// started it: a guard stops it when ours is gone, and the next start stops one that is left all the same.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Binaries } from "./binaries.ts";
import { type ClusterDirectory, damaged } from "./cluster-directory.ts";
import { ClusterError } from "./error.ts";
import type { ProcessOwner } from "./unprivileged-user.ts";

/** How a server ended: its exit code, or the signal that ended it. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running server. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly exited: Promise<Exit>;
  /** Reads the configuration and the certificates anew (SIGHUP). */
  reload(): void;
  /** Fast shutdown: transactions are rolled back, data is checkpointed. Immediate when that takes too long. */
  stop(): Promise<void>;
}

const POLL_MS = 5;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** So long the processes of a server that was killed may take to notice and end; a busy machine needs seconds. */
const LEFTOVER_TIMEOUT_MS = 10_000;
const LEFTOVER_POLL_MS = 200;
const LOG_BYTES_MAX = 8 * 1024 * 1024;
const LOG_TAIL_BYTES = 4_096;

/** Starts the server. Processes that one which was killed left behind are waited for, since PostgreSQL starts beside none of them. */
export async function startPostmaster(
  binaries: Binaries,
  directory: ClusterDirectory,
  owner: ProcessOwner,
  timeoutMs = START_TIMEOUT_MS,
): Promise<Postmaster> {
  for (let waitedMs = 0; ; waitedMs += LEFTOVER_POLL_MS) {
    try {
      return await startOnce(binaries, directory, owner, timeoutMs);
    } catch (error) {
      if (!isLeftover(error) || waitedMs >= LEFTOVER_TIMEOUT_MS) throw error;
    }
    await wait(LEFTOVER_POLL_MS);
  }
}

const isLeftover = (error: unknown): boolean =>
  error instanceof ClusterError && error.message.includes("pre-existing shared memory block");

async function startOnce(
  binaries: Binaries,
  directory: ClusterDirectory,
  owner: ProcessOwner,
  timeoutMs: number,
): Promise<Postmaster> {
  await turnLog(directory);
  const log = await open(directory.log, "a", 0o600);
  const logStart = (await log.stat()).size;
  let child: ChildProcess;
  try {
    // Detached: Ctrl-C in a terminal reaches Holdfast only, which stops PostgreSQL last.
    child = spawn(binaries.postgres, ["-D", directory.data, "-c", `config_file=${directory.configuration}`], {
      ...owner,
      cwd: "/",
      env: { TZ: "UTC", LC_ALL: "C" },
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
  } finally {
    await log.close();
  }
  const exited: Promise<Exit> = once(child, "exit").then(
    ([code, signal]) => ({ code, signal }),
    (): Exit => ({ code: null, signal: null }), // Could not be spawned at all: reported as an exit.
  );
  await untilReady(child, exited, directory, logStart, timeoutMs);
  const pid = child.pid as number; // untilReady has seen it in postmaster.pid.
  const guard = startGuard(pid, owner);
  void exited.then(() => guard.kill());
  return { pid, exited, reload: () => void child.kill("SIGHUP"), stop: () => stopChild(child, exited) };
}

async function stopChild(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGINT");
  const slow = new AbortController();
  const late = wait(STOP_TIMEOUT_MS, "late" as const, { signal: slow.signal }).catch(() => "in time" as const); // Aborted.
  if ((await Promise.race([exited, late])) === "late") child.kill("SIGQUIT");
  await exited;
  slow.abort();
}

/** A shell that waits for the end of its input, which comes when this process ends however it ends, and then stops the server. */
function startGuard(pid: number, owner: ProcessOwner): ChildProcess {
  const guard = spawn("/bin/sh", ["-c", `read -r line; kill -INT "$1"`, "holdfast-guard", String(pid)], {
    ...owner,
    cwd: "/",
    env: {},
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.on("error", () => undefined); // Without a guard the next start still stops an orphan.
  guard.stdin?.on("error", () => undefined); // The guard is killed with its pipe open.
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  return guard;
}

async function untilReady(
  child: ChildProcess,
  exited: Promise<Exit>,
  directory: ClusterDirectory,
  logStart: number,
  timeoutMs: number,
): Promise<void> {
  let ended: Exit | undefined;
  void exited.then((exit) => {
    ended = exit;
  });
  for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += POLL_MS) {
    if (ended !== undefined) throw await startFailure(directory, logStart);
    if ((await readPidFile(directory))?.ready === child.pid) return;
    await wait(POLL_MS);
  }
  child.kill("SIGQUIT");
  throw new ClusterError("cluster/start-timeout", {
    expected: `PostgreSQL to be ready within ${timeoutMs / 1000} s`,
    found: (await lastComplaint(directory, logStart)) ?? "no answer",
    hint: `Its log is ${directory.log}; a long recovery after a crash may need more than one start.`,
  });
}

/** What postmaster.pid says: the process, and the same number again once it accepts connections. */
export interface PidFile {
  readonly pid: number;
  readonly ready: number | undefined;
}

const PID_FILE_STATUS_LINE = 7;

/** Reads postmaster.pid; undefined when there is none or it is empty (it is being written). */
export async function readPidFile(directory: ClusterDirectory): Promise<PidFile | undefined> {
  const text = await readFile(join(directory.data, "postmaster.pid"), "utf8").catch(() => ""); // None: not running.
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return undefined;
  return { pid, ready: lines[PID_FILE_STATUS_LINE]?.trim() === "ready" ? pid : undefined };
}

async function startFailure(directory: ClusterDirectory, logStart: number): Promise<ClusterError> {
  const complaint = (await lastComplaint(directory, logStart)) ?? "it ended without a message";
  if (/lock file|already running|pre-existing shared memory/i.test(complaint)) {
    return new ClusterError("cluster/in-use", {
      expected: "nobody else to use this data directory",
      found: complaint,
      hint: "Stop the other PostgreSQL first, or choose another data directory.",
    });
  }
  // Before the words for damage, which it shares: whoever believed in damage would throw away good data.
  if (/no space left on device|disk quota exceeded/i.test(complaint)) {
    return new ClusterError("cluster/disk-full", {
      expected: `room on the disk of ${directory.data}`,
      found: complaint,
      hint: "The data is as it was. Make room, then start again.",
    });
  }
  if (
    /could not (open|read|locate|write|access)|invalid|corrupt|checkpoint|PANIC|incompatible|is not a valid/i.test(
      complaint,
    )
  ) {
    return damaged(directory, complaint);
  }
  return new ClusterError("cluster/start-failed", {
    expected: "PostgreSQL to start",
    found: complaint,
    hint: `Its log is ${directory.log}.`,
  });
}

async function lastComplaint(directory: ClusterDirectory, logStart: number): Promise<string | undefined> {
  const text = await readFile(directory.log).catch(() => Buffer.alloc(0)); // No log: no complaint to show.
  const lines = text
    .subarray(Math.max(logStart, text.length - LOG_TAIL_BYTES))
    .toString("utf8")
    .split("\n");
  const worst = lines.filter((line) => /\b(PANIC|FATAL)\b/.test(line));
  const line = worst[0] ?? lines.filter((each) => each.trim() !== "").at(-1);
  return line?.replace(/^.*?\b(?=PANIC|FATAL)/, "").slice(0, 300);
}

async function turnLog(directory: ClusterDirectory): Promise<void> {
  const size = (await stat(directory.log).catch(() => undefined))?.size ?? 0; // No log yet.
  if (size > LOG_BYTES_MAX) {
    await rm(`${directory.log}.1`, { force: true });
    await rename(directory.log, `${directory.log}.1`);
  }
}
