// `holdfast plan`: what applying the policy to the database would change; after an apply that is what has drifted.
import { compilePostgres } from "@holdfast/compile";
import { type Change, isolation, notWider, type Policy } from "@holdfast/policy";
import { exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { changesSinceApplied } from "../database/applied-policy.ts";
import { describeChange, isolationLines, verdictLines } from "../database/change-text.ts";
import { describeDifference } from "../database/difference.ts";
import { planDatabase } from "../database/plan-database.ts";
import { describePlanShapes } from "../database/plan-shape.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { hostedReport, tellHosted } from "../deployment/hosted-report.ts";
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
    const { plan, changed } = await withAdministrator(project, terminal, async (client) => ({
      plan: await planDatabase(client, artifact),
      changed: await changesSinceApplied(client, project.policy),
    }));
    const hosted = await hostedReport(project.policy, process.env);
    const verdict = changed === null ? null : notWider(changed);
    const tenants = isolation(project.policy);
    json({ hash: artifact.hash, ...plan, policyChanges: changed, notWider: verdict?.outcome ?? null, tenants, hosted });
    for (const notice of artifact.notices) terminal.warn(`${notice.path}: ${notice.message} ${notice.hint}`);
    for (const finding of plan.findings)
      terminal.warn(`${finding.object}: ${finding.message} ${finding.hint}  [${finding.code}]`);
    for (const obstacle of plan.obstacles) terminal.line(`✗ ${describeDifference(obstacle)}`);
    for (const line of describePlanShapes(plan.shapes)) terminal.warn(line);
    const sentences = openSentences(project.policy, changed ?? []);
    if (changed === null && plan.appliedHash !== null)
      terminal.warn("The policy applied last was not kept in a form that can be compared; the next apply keeps it.");
    for (const change of plan.changes) {
      // What a table's change means stands before the first statement about it.
      for (const sentence of sentences.take(change.object)) terminal.line(sentence);
      terminal.line(`~ ${describeDifference(change)}`);
      if (options["sql"] === true) for (const statement of change.sql) terminal.line(`    ${statement}`);
    }
    const others = sentences.rest();
    if (others.length > 0) {
      if (plan.changes.length > 0) terminal.line();
      terminal.line("Outside the database, from the next start on:");
      for (const sentence of others) terminal.line(sentence);
    }
    for (const line of [...verdictLines(verdict), ...isolationLines(tenants)]) terminal.line(line);
    const isHostedAgreed = hosted === null || tellHosted(hosted, terminal);
    if (plan.changes.length === 0 && plan.obstacles.length === 0) {
      terminal.done("Nothing to change: the database is what the policy says.");
      return isHostedAgreed ? exitCodes.held : exitCodes.broken;
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

interface Sentences {
  /** Those about a table of this name, once. */
  take(object: string): readonly string[];
  /** Those that were not taken. */
  rest(): readonly string[];
}

function openSentences(policy: Policy, changes: readonly Change[]): Sentences {
  let left = [...changes];
  const takeWhere = (isWanted: (change: Change) => boolean): readonly string[] => {
    const taken = left.filter(isWanted);
    left = left.filter((change) => !isWanted(change));
    return taken.flatMap(describeChange);
  };
  return {
    take: (object) => {
      const [key] = Object.entries(policy.tables).find(([, { schema, name }]) => object === `${schema}.${name}`) ?? [];
      return key === undefined ? [] : takeWhere(({ path }) => `${path}.`.startsWith(`tables.${key}.`));
    },
    rest: () => takeWhere(() => true),
  };
}
