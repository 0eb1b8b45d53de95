// `holdfast performance`: how any database does at the moment. It changes nothing, and shows no value of any statement.
import { studyDatabase, watchDatabase } from "@holdfast/postgres";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { lookAt } from "../inspection/look-at.ts";
import { tellPerformance } from "../inspection/tell-performance.ts";

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
