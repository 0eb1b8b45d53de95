// The pages a deployment serves are built by Vite once per state of their sources: a stamp in the built folder says which.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.ts";

export interface SiteSource {
  /** Folder with the Vite configuration. */
  readonly source: string;
  /** Folder Vite writes to. */
  readonly built: string;
  /** Folders and files whose content decides whether the built pages are current. */
  readonly dependsOn: readonly string[];
}

const STAMP = ".source-hash";
const BUILD_SECONDS_MAX = 180;

/** Builds the site when its sources have changed since the last build. Resolves with true when it had to. */
export async function buildSite(site: SiteSource, progress: (text: string) => void): Promise<boolean> {
  const hash = hashOf([site.source, ...site.dependsOn]);
  const stamp = join(site.built, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return false;
  progress(`Building ${site.source} …`);
  await vite(site.source);
  writeFileSync(stamp, hash);
  return true;
}

function vite(source: string): Promise<void> {
  const entry = join(fileURLToPath(import.meta.resolve("vite/package.json")), "../bin/vite.js");
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      [...process.execArgv, entry, "build", "--configLoader", "native", "--logLevel", "warn"],
      {
        cwd: source,
        // Whatever started us: what is served, and what is packed, is the production build.
        env: { ...process.env, NODE_ENV: "production" },
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
