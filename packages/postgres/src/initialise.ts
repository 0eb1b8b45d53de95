// Creates the data of a new cluster. It is made beside its final place and renamed when complete, so that a process killed
// half way leaves no half-made cluster.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Binaries } from "./binaries.ts";
import { type ClusterDirectory, giveTo } from "./cluster-directory.ts";
import { ClusterError } from "./error.ts";
import type { ProcessOwner } from "./unprivileged-user.ts";

const run = promisify(execFile);
const INITDB_TIMEOUT_MS = 120_000;

/** The administrator of an embedded cluster. */
export const ADMINISTRATOR = "holdfast_administrator";
/** The role that only streams: standbys and backups. */
export const REPLICATOR = "holdfast_backup";

export async function initialiseData(
  binaries: Binaries,
  directory: ClusterDirectory,
  owner: ProcessOwner,
  superuserPassword: string,
  sync: boolean,
): Promise<void> {
  const unfinished = join(directory.root, "data.unfinished");
  const passwordFile = join(directory.root, `.password-${randomBytes(8).toString("hex")}`);
  await rm(unfinished, { recursive: true, force: true });
  try {
    await writeFile(passwordFile, superuserPassword, { mode: 0o600, flag: "wx" });
    await giveTo(owner, passwordFile);
    const options = [
      `--pgdata=${unfinished}`,
      `--username=${ADMINISTRATOR}`,
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256", // Never the default, which would trust everybody on this machine.
      "--data-checksums",
      "--encoding=UTF8",
      "--locale-provider=builtin", // The same order of text on every machine.
      "--builtin-locale=C.UTF-8",
      "--locale=C",
    ];
    await run(binaries.initdb, sync ? options : [...options, "--no-sync"], {
      ...owner,
      cwd: "/",
      env: { TZ: "UTC", LC_ALL: "C" },
      timeout: INITDB_TIMEOUT_MS,
    });
    await rename(unfinished, directory.data);
  } catch (cause) {
    const stderr = String((cause as { stderr?: unknown }).stderr ?? "");
    throw new ClusterError("cluster/initialisation-failed", {
      expected: "initdb to create a cluster",
      found:
        stderr.split("\n").find((line) => /error|fatal/i.test(line)) ??
        (cause as Error).message.split("\n")[0] ??
        "a failure",
      hint: "Nothing is left of the attempt; see whether the disk is full or the folder read-only.",
      cause,
    });
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}
