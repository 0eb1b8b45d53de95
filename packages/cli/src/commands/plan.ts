// `holdfast plan`: what applying the policy to the database would change; after an apply that is what has drifted.
import { compilePostgres } from "@holdfast/compile";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { describeDifference } from "../database/difference.ts";
import { planDatabase } from "../database/plan-database.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count } from "../terminal.ts";

export const planCommand: Command = {
  name: "plan",
  summary: "Show what applying the policy to the database would change, and what has drifted.",
  usage: "plan [folder] [--sql] [--json]",
  options: { sql: { type: "boolean" } },
  async run({ words, options, terminal, json }) {
    const project = await loadProject(projectFolder(words[0]));
    const artifact = compilePostgres(project.policy);
    const plan = await withAdministrator(project, terminal, (client) => planDatabase(client, artifact));
    json({ hash: artifact.hash, ...plan });
    for (const notice of artifact.notices) terminal.warn(`${notice.path}: ${notice.message} ${notice.hint}`);
    for (const finding of plan.findings)
      terminal.warn(`${finding.object}: ${finding.message} ${finding.hint}  [${finding.code}]`);
    for (const obstacle of plan.obstacles) terminal.line(`✗ ${describeDifference(obstacle)}`);
    for (const change of plan.changes) {
      terminal.line(`~ ${describeDifference(change)}`);
      if (options["sql"] === true) for (const statement of change.sql) terminal.line(`    ${statement}`);
    }
    if (plan.changes.length === 0 && plan.obstacles.length === 0) {
      terminal.done("Nothing to change: the database is what the policy says.");
      return exitCodes.held;
    }
    terminal.line();
    terminal.line(
      plan.obstacles.length > 0
        ? `${count(plan.obstacles.length, "obstacle")} that only a migration of the application can remove; nothing can be applied before.`
        : `${count(plan.changes.length, "change")}. ${typed("apply")} makes them in one transaction; --sql shows the statements.`,
    );
    return exitCodes.broken;
  },
};
