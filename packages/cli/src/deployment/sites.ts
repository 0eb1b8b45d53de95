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
  const inRepository = existsSync(consoleSource);
  const packages = inRepository ? browserPackages : [];
  const sites: Record<string, { directory: string }> = {};
  for (const [name, site] of Object.entries(project.deployment.sites)) {
    const built = join(site.directory, "dist");
    await buildSite(
      { source: site.directory, built, dependsOn: [...packages, join(project.folder, "security.ts")] },
      terminal.progress,
    );
    sites[name] = { directory: built };
  }
  if (sites["console"] === undefined && project.policy.sites["console"] !== undefined) {
    if (inRepository)
      await buildSite(
        { source: consoleSource, built: join(consoleSource, "dist"), dependsOn: packages },
        terminal.progress,
      );
    sites["console"] = { directory: inRepository ? join(consoleSource, "dist") : packedConsole };
  }
  return sites;
}
