// The pages of a deployment: the project's own sites and the console, built when their sources changed.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Project } from "../project.ts";
import type { Terminal } from "../terminal.ts";
import { buildSite } from "./built-sites.ts";

const repository = fileURLToPath(new URL("../../../..", import.meta.url));
const consoleSource = join(repository, "apps/console");
/** What the browser's side is made of besides the site itself. */
const browserPackages = [join(repository, "packages/react/src"), join(repository, "packages/policy/src")];
/** Where a packed `holdfast` carries the console. */
const packedConsole = fileURLToPath(new URL("../console", import.meta.url));

/** Folder of built pages for every site of the policy. */
export async function sitesOf(
  project: Project,
  terminal: Terminal,
): Promise<Readonly<Record<string, { directory: string }>>> {
  const packages = existsSync(consoleSource) ? browserPackages : [];
  const sites: Record<string, { directory: string }> = {};
  for (const [name, site] of Object.entries(project.deployment.sites)) {
    const built = join(site.directory, "dist");
    const directory = await buildSite(
      { source: site.directory, built, dependsOn: [...packages, join(project.folder, "security.ts")] },
      terminal.progress,
    );
    sites[name] = { directory };
  }
  if (sites["console"] === undefined && project.policy.sites["console"] !== undefined) {
    sites["console"] = await builtConsole(terminal.progress);
  }
  return sites;
}

/** The console's pages: built from source in the repository, carried along in a packed command. */
export async function builtConsole(progress: (text: string) => void): Promise<{ directory: string }> {
  if (!existsSync(consoleSource)) return { directory: packedConsole };
  const built = join(consoleSource, "dist");
  return { directory: await buildSite({ source: consoleSource, built, dependsOn: browserPackages }, progress) };
}
