// `holdfast apply`: puts the database into the state the policy was compiled to, in one transaction, or changes nothing.
import { compilePostgres } from "@holdfast/compile";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { applyDatabase } from "../database/apply-database.ts";
import { describeDifference } from "../database/difference.ts";
import { describePlanShapes } from "../database/plan-shape.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count } from "../terminal.ts";

export const applyCommand: Command = {
  name: "apply",
  summary: "Apply the policy to the database, in one transaction.",
  usage: "apply [folder] [--json]",
  options: {},
  async run({ words, terminal, json }) {
    const project = await loadProject(projectFolder(words[0]));
    const artifact = compilePostgres(project.policy);
    const report = await withAdministrator(project, terminal, (client) =>
      applyDatabase(client, artifact, project.policy),
    );
    json(report);
    for (const finding of report.findings)
      terminal.warn(`${finding.object}: ${finding.message} ${finding.hint}  [${finding.code}]`);
    for (const line of describePlanShapes(report.shapes)) terminal.warn(line);
    for (const change of report.changes) terminal.line(`✓ ${describeDifference(change)}`);
    terminal.done(
      report.changes.length === 0
        ? "Nothing to change: the database already is what the policy says."
        : `${count(report.changes.length, "change")} applied in one transaction.`,
    );
    return exitCodes.held;
  },
};
