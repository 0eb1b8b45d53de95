// `holdfast performance`: how any database does at the moment. It changes nothing, and shows no value of any statement.
import { connectForInspection, studyDatabase, watchDatabase } from "@holdfast/postgres";
import type { ClientBase } from "pg";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { tellPerformance } from "../inspection/tell-performance.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import type { Terminal } from "../terminal.ts";

export const performanceCommand: Command = {
  name: "performance",
  summary:
    "Say where a database's time goes: statements by role and what policies cost, locks, bloat, missing indexes.",
  usage: "performance [DATABASE_URL or folder] [--all] [--json]",
  options: { all: { type: "boolean" } },
  async run({ words, options, terminal, json }) {
    const [watch, study] = await lookAt(words[0], terminal, async (client) => {
      terminal.progress("Looking at sessions and locks …");
      const watched = await watchDatabase(client);
      terminal.progress("Looking at statements, plans and tables …");
      return [watched, await studyDatabase(client)] as const;
    });
    json({ watch, study });
    tellPerformance(watch, study, terminal, options["all"] === true);
    // What could not be seen is not called sound.
    return watch.notSeen.length + study.notSeen.length > 0 ? exitCodes.unproven : exitCodes.held;
  },
};

/** The database a URL names; without one that of DATABASE_URL; without that the project's own. */
async function lookAt<T>(
  word: string | undefined,
  terminal: Terminal,
  work: (client: ClientBase) => Promise<T>,
): Promise<T> {
  const isUrl = word !== undefined && /^postgres(ql)?:/.test(word);
  const url = isUrl ? word : word === undefined ? process.env["DATABASE_URL"] : undefined;
  if (url === undefined) return withAdministrator(await loadProject(projectFolder(word)), terminal, work);
  const client = await connectForInspection(url, process.env["PGPASSWORD"]);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
