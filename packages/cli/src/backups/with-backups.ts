// The platform API of a project whose backups are asked about: of the deployment that runs, or of one that is started for as long
// as the work takes. And how a job is waited for.

import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { BackupAccepted, BackupStatus } from "@holdfast/server/api";
import { CliError } from "../cli-error.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { openUp } from "../deployment/open-up.ts";
import { type PlatformClient, platformClient } from "../deployment/platform-client.ts";
import { findRunning } from "../deployment/running.ts";
import { loadProject } from "../project.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";

const POLL_MS = 250;
const JOB_TIMEOUT_MS = 6 * 60 * 60 * 1000;
const MEBIBYTE = 1_048_576;

export async function withBackups<T>(
  folder: string,
  terminal: Terminal,
  work: (client: PlatformClient) => Promise<T>,
): Promise<T> {
  if (findRunning(resolve(folder, ".holdfast")) !== undefined) return work(platformClient(await accessRunning(folder)));
  const project = await loadProject(folder);
  terminal.progress("Nothing runs here: starting for as long as this takes …");
  const opened = await openUp(project, silentTerminal, process.env["DATABASE_URL"]);
  try {
    return await work(opened.client);
  } finally {
    await opened.stop();
  }
}

export const statusOf = (client: PlatformClient): Promise<BackupStatus> => client.get<BackupStatus>("/backups");

/** Begins a job, after the one that is under way, and waits for its end. @throws CliError when it made no backup */
export async function runJob(
  client: PlatformClient,
  path: "/backups" | "/backups/increments" | "/backups/drills",
  terminal: Terminal,
): Promise<BackupStatus> {
  refuseOff(await statusOf(client));
  await untilIdle(client, terminal);
  const { run } = await client.post<BackupAccepted>(path, undefined);
  const status = await untilIdle(client, terminal);
  const { lastFailure } = status;
  // A drill that failed has a report, which says more.
  if (lastFailure === null || lastFailure.at < run.startedAt || lastFailure.code === "drill") return status;
  throw new CliError(
    "cli/target-refused",
    `the job was expected to end well; it failed: ${lastFailure.seen} (${lastFailure.code})`,
    "what was there before is as it was; `holdfast backup list` shows it",
  );
}

async function untilIdle(client: PlatformClient, terminal: Terminal): Promise<BackupStatus> {
  for (let waitedMs = 0; waitedMs < JOB_TIMEOUT_MS; waitedMs += POLL_MS) {
    const status = await statusOf(client);
    const { running } = status;
    if (running === null) return status;
    const what = {
      copying: `${Math.round(running.bytes / MEBIBYTE)} MiB copied`,
      restoring: "restoring on trial",
      removing: "removing what is too old",
    };
    terminal.progress(`Backup: ${what[running.step]} …`);
    await wait(POLL_MS);
  }
  throw new CliError(
    "cli/target-refused",
    "the job was expected to end within six hours; it has not",
    "is the target reachable?",
  );
}

function refuseOff({ on, refusal }: BackupStatus): void {
  if (on) return;
  throw new CliError(
    "cli/target-refused",
    refusal ?? "the policy was expected to ask for backups; it does not",
    refusal === null
      ? 'write: continuity: { backups: { every: "1h", keep: "30d" } }'
      : "or go on with pgBackRest, WAL-G or the cloud's own backups, and leave continuity.backups out",
  );
}
