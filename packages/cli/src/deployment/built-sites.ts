// The pages a deployment serves are built by Vite once per state of their sources, each state into a folder named after it.
// What is half built is never served: a build gets a folder of its own and is renamed when it is whole.
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.ts";

const SECRET_VARIABLES = /^(?:HOLDFAST_|DATABASE_|PG|AWS_)|(?:SECRET|PASSWORD|TOKEN|_KEY)(?:_|$)/i;

export interface SiteSource {
  /** Folder with the Vite configuration. */
  readonly source: string;
  /** Folder of the finished builds. */
  readonly built: string;
  /** Folders and files whose content decides whether the built pages are current. */
  readonly dependsOn: readonly string[];
}

const BUILD_SECONDS_MAX = 180;
const FINISHED_BUILDS_MAX = 3;
/** A deployment that was handed a build reads it when it starts: so long one that was used is kept, whatever was built since. */
const KEPT_AFTER_USE_MS = 600_000;
const FINISHED = /^[0-9a-f]{64}$/;
const UNFINISHED = /^building-(\d+)-/;

/** Builds the site when its sources have changed since the last build. Resolves with the folder of the finished pages. */
export async function buildSite(site: SiteSource, progress: (text: string) => void): Promise<string> {
  const finished = join(site.built, hashOf([site.source, ...site.dependsOn]));
  if (isUsedAgain(finished)) return finished;
  progress(`Building ${site.source} …`);
  const unfinished = join(site.built, `building-${process.pid}-${randomUUID()}`);
  mkdirSync(unfinished, { recursive: true });
  try {
    await vite(site.source, unfinished);
    finish(unfinished, finished);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  removeOld(site.built, finished);
  return finished;
}

/** Notes that a build is used, so that nobody removes it before it is read; false when there is none. */
function isUsedAgain(finished: string): boolean {
  try {
    const now = new Date();
    utimesSync(finished, now, now);
    return true;
  } catch {
    return existsSync(finished); // Pages of another owner are served all the same.
  }
}

function finish(unfinished: string, finished: string): void {
  try {
    renameSync(unfinished, finished);
  } catch (error) {
    // Somebody else built the same state at the same time and was faster; theirs is as good.
    if (!existsSync(finished)) throw error;
  }
}

/** Removes builds of long ago but for the newest, and what killed builders left. */
function removeOld(built: string, current: string): void {
  const entries = readdirSync(built).map((name) => ({ name, path: join(built, name) }));
  const old = entries
    .filter(({ name, path }) => FINISHED.test(name) && path !== current)
    .map(({ path }) => ({ path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.at - a.at)
    .slice(FINISHED_BUILDS_MAX - 1)
    .filter(({ at }) => at < Date.now() - KEPT_AFTER_USE_MS);
  const left = entries.filter(({ name }) => isLeft(Number(UNFINISHED.exec(name)?.[1] ?? process.pid)));
  for (const { path } of [...old, ...left]) rmSync(path, { recursive: true, force: true });
}

function isLeft(builder: number): boolean {
  try {
    process.kill(builder, 0);
    return false;
  } catch (error) {
    // ESRCH: the builder is gone. EPERM: it lives under another user.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

function vite(source: string, out: string): Promise<void> {
  const entry = join(fileURLToPath(import.meta.resolve("vite/package.json")), "../bin/vite.js");
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      [
        ...process.execArgv,
        entry,
        "build",
        "--configLoader",
        "native",
        "--logLevel",
        "warn",
        "--outDir",
        out,
        "--emptyOutDir",
      ],
      {
        cwd: source,
        // Whatever started us: what is served, and what is packed, is the production build.
        env: { ...publicEnvironment(process.env), NODE_ENV: "production" },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: BUILD_SECONDS_MAX * 1000,
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", (cause) =>
      fail(new CliError("cli/site-build-failed", `Vite could not be started in ${source}`, "run npm ci", cause)),
    );
    child.on("close", (code) => {
      if (code === 0) done();
      else
        fail(
          new CliError(
            "cli/site-build-failed",
            `the pages in ${source} could not be built:\n${output.trim()}`,
            "fix what Vite reports, then start again",
          ),
        );
    });
  });
}

function hashOf(folders: readonly string[]): string {
  const hash = createHash("sha256");
  for (const folder of folders) {
    for (const path of sourceFiles(folder)) hash.update(path).update("\0").update(readFileSync(path)).update("\0");
  }
  return hash.digest("hex");
}

function sourceFiles(folder: string): readonly string[] {
  if (statSync(folder).isFile()) return [folder];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !["node_modules", "dist", ".holdfast"].includes(entry.name))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? sourceFiles(resolve(folder, entry.name)) : [resolve(folder, entry.name)],
    );
}

/** What a bundler and its plugins may see: a variable that holds a secret must not end in a page. */
function publicEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !SECRET_VARIABLES.test(name)));
}
