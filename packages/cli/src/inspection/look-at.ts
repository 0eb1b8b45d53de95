// Which database is looked at: one that a URL names, or a project's own.
import { connectForInspection } from "@holdfast/postgres";
import type { ClientBase } from "pg";
import { CliError } from "../cli-error.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import type { Terminal } from "../terminal.ts";

/** The database a URL names; without one that of DATABASE_URL; without that the project's own. */
export async function lookAt<T>(
  word: string | undefined,
  terminal: Terminal,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const url = urlOf(word);
  if (url === undefined) return withAdministrator(await loadProject(projectFolder(word)), terminal, work);
  const client = await connectForInspection(url, process.env["PGPASSWORD"]);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A URL of something else is no folder; what follows its scheme may be a password, and is not repeated. */
function urlOf(word: string | undefined): string | undefined {
  if (word === undefined) return process.env["DATABASE_URL"];
  if (/^postgres(ql)?:/i.test(word)) return word;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(word)?.[1];
  if (scheme === undefined) return undefined;
  throw new CliError(
    "cli/target-refused",
    `the URL of a PostgreSQL database or a project's folder was expected; found a URL that begins with ${scheme}://`,
    "write postgres://user:password@host:5432/database",
  );
}
