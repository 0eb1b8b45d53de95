// `holdfast inspect`: what is wrong with any database, the attack that shows it and the line that mends it. It changes nothing.
import { writeFile } from "node:fs/promises";
import {
  attackText,
  type Inspection,
  type InspectOptions,
  inspectDatabase,
  inspectionRules,
  type Rule,
  type Severity,
  severities,
} from "@holdfast/postgres";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { lookAt } from "../inspection/look-at.ts";
import { sarifOf } from "../inspection/sarif.ts";
import { fixLines, tellInspection } from "../inspection/tell-inspection.ts";
import { ownVersion } from "../own-version.ts";
import { silentTerminal } from "../terminal.ts";

type Options = Readonly<Record<string, string | boolean | undefined>>;

export const inspectCommand: Command = {
  name: "inspect",
  summary: "Say what is wrong with any PostgreSQL database, with the attack that shows it and the line that mends it.",
  usage:
    "inspect [DATABASE_URL or folder] [--attack | --attack-writes] [--role names] [--only rules] [--fail-on error|warning|note] [--all] [--fix] [--sarif file] [--json]",
  options: {
    attack: { type: "boolean" },
    "attack-writes": { type: "boolean" },
    role: { type: "string" },
    only: { type: "string" },
    "fail-on": { type: "string" },
    all: { type: "boolean" },
    fix: { type: "boolean" },
    sarif: { type: "string" },
  },
  async run({ words, options, terminal, json }) {
    const isFix = options["fix"] === true;
    const failOn = failOnOf(options);
    const progress = isFix ? silentTerminal : terminal;
    const work = { ...workOf(options), progress: (text: string) => progress.progress(text) };
    const inspection = await lookAt(words[0], progress, (client) => inspectDatabase(client, work)).catch(named);
    json(documentOf(inspection));
    if (typeof options["sarif"] === "string")
      await writeFile(options["sarif"], `${JSON.stringify(sarifOf(inspection, ownVersion()), undefined, 2)}\n`);
    if (isFix) for (const line of fixLines(inspection)) terminal.line(line);
    else tellInspection(inspection, terminal, options["all"] === true);
    return exitCodeOf(inspection, failOn);
  },
};

/** A role that is not there is a misuse of --role. */
function named(error: unknown): never {
  if (error instanceof RangeError)
    throw new CliError("cli/unknown-option", error.message, "--role names roles of the server", error);
  throw error;
}

function documentOf(inspection: Inspection): unknown {
  return {
    ...inspection,
    findings: inspection.findings.map(({ attack, ...finding }) =>
      attack === undefined ? finding : { ...finding, attack: attackText(attack) },
    ),
  };
}

function workOf(options: Options): InspectOptions {
  const only = namesIn(options["only"]);
  const roles = namesIn(options["role"]);
  return {
    attacks: options["attack-writes"] === true ? "writes" : options["attack"] === true ? "reads" : "none",
    ...(roles.length > 0 ? { requestRoles: roles } : {}),
    ...(only.length > 0 ? { rules: only.map(ruleNamed) } : {}),
  };
}

const namesIn = (value: string | boolean | undefined): readonly string[] =>
  typeof value === "string"
    ? value
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")
    : [];

function ruleNamed(id: string): Rule {
  const rule = inspectionRules.find((each) => each.id === id);
  if (rule !== undefined) return rule;
  throw new CliError(
    "cli/unknown-rule",
    `there is no rule ${JSON.stringify(id)}`,
    `rules: ${inspectionRules.map((each) => each.id).join(", ")}`,
  );
}

function failOnOf(options: Options): Severity {
  const named = options["fail-on"] ?? "warning";
  const found = severities.find((severity) => severity === named);
  if (found !== undefined) return found;
  throw new CliError(
    "cli/unknown-option",
    `--fail-on knows no ${JSON.stringify(named)}`,
    `write ${severities.join(", ")}`,
  );
}

/** A database of which something could not be seen is not called sound. */
function exitCodeOf({ findings, unseen }: Inspection, failOn: Severity): number {
  const worst = severities.slice(0, severities.indexOf(failOn) + 1);
  if (findings.some(({ severity }) => worst.includes(severity))) return exitCodes.broken;
  return unseen.length > 0 ? exitCodes.unproven : exitCodes.held;
}
