// `holdfast seal`: seals a column that holds plain values, while the application goes on. Stopped at any moment, it goes on
// where it was when it is called again.
import { compilePostgres } from "@holdfast/compile";
import { sealColumn, usualPace } from "@holdfast/postgres";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { typed } from "../command-name.ts";
import { renewMaskedView } from "../database/masked-view.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { rowsPerSecond, sealedColumn, sealedTable } from "../keys/sealed-tables.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count } from "../terminal.ts";

export const sealCommand: Command = {
  name: "seal",
  summary: "Seal a column that holds plain values, while the application goes on.",
  usage: "seal table.column [folder] [--rewrite] [--rows-per-second number] [--json]",
  options: { rewrite: { type: "boolean" }, "rows-per-second": { type: "string" } },
  async run({ words, options, terminal, json }) {
    const [path, folder] = words;
    if (path === undefined)
      throw new CliError("cli/unknown-option", "no column was named", `usage: holdfast ${sealCommand.usage}`);
    const project = await loadProject(projectFolder(folder));
    const { policy } = project;
    const column = sealedColumn(policy, path);
    const artifact = compilePostgres(policy);
    const table = artifact.tables.find(({ schema, name }) => schema === column.schema && name === column.relation);
    const report = await withAdministrator(project, terminal, async (client, vault) => {
      await renewMaskedView(client, artifact, column.table);
      return sealColumn(sealedTable(policy, column, client, vault), {
        pace: usualPace({
          ...rowsPerSecond(options["rows-per-second"]),
          onProgress: ({ done, total }) => terminal.progress(`Sealing ${path}: ${done} of ${count(total, "row")}`),
        }),
        grants: table?.grants.map(({ sql }) => sql) ?? [],
        rewrites: options["rewrite"] === true,
      });
    });
    json({ column: path, ...report });
    terminal.done(
      report.changed
        ? `${path} is sealed: ${count(report.sealed, "value")} by this run.`
        : `${path} was sealed already.`,
    );
    if (report.rewritten) terminal.done("The table was written anew: its files hold no plain value any more.");
    else {
      terminal.warn("Plain values are still in old pages of the table's files until it is written anew:");
      terminal.line(`  ${typed(`seal ${path} --rewrite`)} does that, and locks the table for as long as it takes.`);
    }
    terminal.warn(
      "Plain values also stay in the write-ahead log until it is recycled, and in backups and replicas' logs",
    );
    terminal.line("  of the time before: keep those no longer than the value may be known, and take a backup now.");
    return exitCodes.held;
  },
};
