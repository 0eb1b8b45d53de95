// Lets PostgreSQL replay the log on restored files up to a moment, and end as a cluster of its own on a new timeline.
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "../binaries.ts";
import { writeConfiguration } from "../cluster-configuration.ts";
import { type ClusterDirectory, giveTo } from "../cluster-directory.ts";
import { BackupError, ClusterError } from "../error.ts";
import { type Postmaster, startPostmaster } from "../postmaster.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { historyFileName } from "./write-log.ts";

export interface Recovery {
  readonly postmaster: Postmaster;
  /** The commit time of the last transaction that was replayed, in milliseconds since 1970; undefined when there was none. */
  readonly lastCommitAt: number | undefined;
}

/** An hour of log at full speed is replayed in minutes; a day's can take longer. */
const RECOVERY_TIMEOUT_MS = 6 * 60 * 60 * 1000;
const NOT_REACHED = /recovery ended before configured recovery target was reached/;
const LAST_COMMIT = /last completed transaction was at log time (\S+ \S+)/g;

/** @throws BackupError, ClusterError; nothing is left running then. */
export async function recover(
  plan: RestorePlan,
  binaries: Binaries,
  directory: ClusterDirectory,
  owner: ProcessOwner,
  extra: Readonly<Record<string, string>> = {},
): Promise<Recovery> {
  await dropStateOfSource(directory.data);
  await writeSignal(directory, owner);
  const settings = {
    hot_standby: "off",
    max_wal_senders: "0",
    archive_mode: "off",
    summarize_wal: "off",
    primary_conninfo: "",
    synchronous_standby_names: "",
    // Neither goes on by itself what goes on at the source: its subscriptions, whose slots are the source's, and triggers of a login.
    max_logical_replication_workers: "0",
    event_triggers: "off",
    restore_command: "false", // Everything is in pg_wal already; an archive that has nothing is what this says.
    recovery_target_timeline: "current",
    recovery_target_action: "promote",
    ...extra,
  };
  const target: Record<string, string> =
    plan.to === undefined ? {} : { recovery_target_time: timeText(plan.to), recovery_target_inclusive: "on" };
  const start = async (more: Readonly<Record<string, string>>): Promise<Postmaster> => {
    await writeConfiguration(directory, owner, { extra: { ...settings, ...more } });
    return startPostmaster(binaries, directory, owner, RECOVERY_TIMEOUT_MS);
  };
  let postmaster: Postmaster;
  try {
    postmaster = await start(target);
  } catch (cause) {
    // The archive reaches past the moment, but nobody committed between the moment and its end: its end is the moment.
    if (plan.to === undefined || !(cause instanceof ClusterError) || !NOT_REACHED.test(cause.found))
      throw explained(cause);
    await writeSignal(directory, owner);
    postmaster = await start({}).catch((again: unknown) => {
      throw explained(again);
    });
  }
  await removeForeignHistory(plan, directory.data);
  return { postmaster, lastCommitAt: await lastCommit(directory.log) };
}

/** As PostgreSQL reads a moment whatever its own zone is: "2026-11-24 13:15:00.000+00". */
const timeText = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace("T", " ").replace("Z", "+00");

/** Settings that ALTER SYSTEM wrote belong to the server that was backed up: its archiving and replication must not go on here. */
async function dropStateOfSource(data: string): Promise<void> {
  for (const name of ["postgresql.auto.conf", "standby.signal", "recovery.signal", "postmaster.pid"])
    await rm(join(data, name), { force: true });
}

async function writeSignal({ data }: ClusterDirectory, owner: ProcessOwner): Promise<void> {
  for (const name of ["recovery.signal", "postgresql.auto.conf"]) {
    await writeFile(join(data, name), "", { mode: 0o600 });
    await giveTo(owner, join(data, name));
  }
}

async function removeForeignHistory({ backup, timelineMax }: RestorePlan, data: string): Promise<void> {
  for (let timeline = backup.record.timeline + 1; timeline <= timelineMax; timeline += 1)
    await rm(join(data, "pg_wal", historyFileName(timeline)), { force: true });
  for (const name of await readdir(join(data, "pg_wal", "archive_status")).catch(() => [])) // Not there: nothing to remove.
    await rm(join(data, "pg_wal", "archive_status", name), { force: true });
}

async function lastCommit(log: string): Promise<number | undefined> {
  const text = await readFile(log, "utf8").catch(() => ""); // No log: nothing is known.
  const found = [...text.matchAll(LAST_COMMIT)].at(-1)?.[1];
  if (found === undefined) return undefined;
  const at = Date.parse(`${found.replace(" ", "T").replace(/\+00$/, "")}Z`);
  return Number.isNaN(at) ? undefined : at;
}

function explained(cause: unknown): unknown {
  if (!(cause instanceof ClusterError) || cause.code === "cluster/disk-full") return cause;
  return new BackupError("restore/recovery-failed", {
    expected: "PostgreSQL to replay the log",
    found: cause.found,
    hint: "Restore to another moment, or from another backup (--backup); the pieces themselves were authentic.",
    cause,
  });
}
