// `holdfast export --masked`: a copy of the application's data for developers, in which nobody is recognised.
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import type { Policy } from "@holdfast/policy";
import { EXPORT_KEY_BYTES, type ExportReport, exportMasked, type MaskedTable } from "@holdfast/postgres";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count } from "../terminal.ts";

export const exportCommand: Command = {
  name: "export",
  summary: "Write a copy of the data for developers, masked as the policy says, and search it for originals.",
  usage: "export [folder] --masked --into file.sql [--json]",
  options: { masked: { type: "boolean" }, into: { type: "string" } },
  async run({ words, options, terminal, json }) {
    const { into } = options;
    if (options["masked"] !== true || typeof into !== "string")
      throw new CliError(
        "cli/unknown-option",
        `--masked and --into with a new file were expected; ${options["masked"] === true ? "--into" : "--masked"} is missing`,
        `only masked copies are made; a backup is another thing. Usage: holdfast ${exportCommand.usage}`,
      );
    const project = await loadProject(projectFolder(words[0]));
    const tables = maskedTables(project.policy);
    const file = resolve(into);
    const key = exportKey(process.env["HOLDFAST_EXPORT_KEY"]);
    const report = await withAdministrator(project, terminal, (client) =>
      exportMasked(client, tables, file, {
        progress: (text) => terminal.progress(text),
        ...(key === undefined ? {} : { key }),
      }).catch(refused),
    );
    const standIns = sealedIn(tables);
    json({ file, ...report, standIns });
    return conclude(report, file, standIns, terminal);
  },
};

function refused(error: unknown): never {
  if (error instanceof RangeError)
    throw new CliError("cli/export-refused", error.message, "export from a database with fewer rows", error);
  if ((error as { code?: unknown }).code === "EEXIST")
    throw new CliError("cli/export-refused", "the file of --into is there already", "name a new one", error);
  throw error;
}

async function conclude(
  { tables, leaks }: ExportReport,
  file: string,
  standIns: readonly string[],
  terminal: Parameters<Command["run"]>[0]["terminal"],
): Promise<number> {
  for (const { place, count: found } of leaks)
    terminal.line(`✗ ${place}: ${count(found, "original")} found in the copy`);
  if (leaks.length > 0) {
    await rm(file);
    terminal.line("The copy was removed. Give the column in which they stand a mask, and export again.");
    return exitCodes.broken;
  }
  for (const { table, rows } of tables) terminal.line(`  ${table}: ${count(rows, "row")}`);
  for (const column of standIns)
    terminal.warn(`${column} holds stand-ins that no key opens: write other values before the application reads it.`);
  terminal.done(`${file}: 0 originals found in it.`);
  return exitCodes.held;
}

const sealedIn = (tables: readonly MaskedTable[]): readonly string[] =>
  tables.flatMap(({ schema, name, columns }) =>
    columns.filter(({ type }) => type === "sealed").map((column) => `${schema}.${name}.${column.name}`),
  );

/** A sealed value opens under the deployment's keys only: none where the column may be null, otherwise a stand-in that no key opens. */
export const maskedTables = (policy: Policy): readonly MaskedTable[] =>
  Object.values(policy.tables).map(({ schema, name, primaryKey, columns }) => ({
    schema,
    name,
    primaryKey,
    columns: Object.entries(columns)
      .filter(([, { sealed, nullable }]) => sealed === undefined || !nullable)
      .map(([column, { type, nullable, masked, sealed }]) => ({
        name: column,
        type: sealed === undefined ? type : "sealed",
        nullable,
        mask: masked?.mask ?? null,
      })),
  }));

function exportKey(text: string | undefined): Buffer | undefined {
  if (text === undefined || text === "") return undefined;
  const key = Buffer.from(text, "hex");
  if (key.length === EXPORT_KEY_BYTES && key.toString("hex") === text.toLowerCase()) return key;
  throw new CliError(
    "cli/unknown-option",
    "HOLDFAST_EXPORT_KEY is not a key",
    `expected ${EXPORT_KEY_BYTES} bytes as hexadecimal digits`,
  );
}
