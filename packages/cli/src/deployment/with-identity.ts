// Identity's administration interface of a project: of the deployment that runs, or of one that is started for as long as the
// work takes, so that a change is decided, recorded and announced in one place, whether anything ran before or not.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "../cli-error.ts";
import { typed } from "../command-name.ts";
import { loadProject } from "../project.ts";
import { silentTerminal, type Terminal } from "../terminal.ts";
import { accessRunning } from "./access-running.ts";
import { openUp } from "./open-up.ts";
import { type PlatformClient, platformClient } from "./platform-client.ts";
import { findRunning } from "./running.ts";

/** @throws CliError when nothing was ever started here. */
export async function withIdentity<T>(
  folder: string,
  terminal: Terminal,
  work: (identity: PlatformClient) => Promise<T>,
): Promise<T> {
  const dataDirectory = resolve(folder, ".holdfast");
  if (findRunning(dataDirectory) !== undefined) return work(platformClient(await accessRunning(folder), "/auth/v1"));
  if (!existsSync(join(dataDirectory, "vault"))) {
    throw new CliError(
      "cli/not-running",
      `a deployment that was started before was expected in ${dataDirectory}; there is none`,
      `start it first: ${typed("up")}`,
    );
  }
  terminal.progress("Nothing runs here: starting for as long as this takes …");
  const opened = await openUp(await loadProject(folder), silentTerminal, process.env["DATABASE_URL"]);
  try {
    return await work(opened.identity);
  } finally {
    await opened.stop();
  }
}
