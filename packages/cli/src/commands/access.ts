// `holdfast access`: who can do what in the running deployment, and by which line of the policy.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { AccessClass, AccessReport, Right } from "@holdfast/server/api";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { platformClient } from "../deployment/platform-client.ts";
import { projectFolder } from "../project-folder.ts";
import { count, type Terminal } from "../terminal.ts";

export const accessCommand: Command = {
  name: "access",
  summary: "Say who can do what in the running deployment, and by which line of the policy.",
  usage: "access [folder] [--who address-or-id] [--what action] [--json]",
  options: { who: { type: "string" }, what: { type: "string" } },
  async run({ words, options, terminal, json }) {
    const query = new URLSearchParams();
    for (const name of ["who", "what"] as const) {
      const given = options[name];
      if (typeof given === "string") query.set(name, given);
    }
    const access = await accessRunning(folderOf(words[0]));
    const report = await platformClient(access).get<AccessReport>(`/access?${query.toString()}`);
    json(report);
    for (const one of report.classes) showClass(terminal, one);
    showFlagged(terminal, report);
    return exitCodes.held;
  },
};

/** A person or an action where the folder stands is the likeliest mistake: it is said instead of "none runs in …/admin". */
function folderOf(word: string | undefined): string {
  if (word === undefined || existsSync(resolve(word))) return projectFolder(word);
  const isPerson = word.includes("@") || uuidPattern.test(word);
  const isAction = /^[A-Z]+ \/|^\/|^\w+\.\w+$/.test(word);
  throw new CliError(
    "cli/project-missing",
    `the folder of a project was expected; there is none called ${JSON.stringify(word)}`,
    isPerson
      ? `ask about a person with --who ${word}`
      : isAction
        ? `ask about an action with --what ${JSON.stringify(word)}`
        : "ask about a person with --who (an address or id), about an action with --what (such as content.update)",
  );
}

const uuidPattern = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

const marks: Readonly<Record<Right["outcome"], string>> = { allowed: "yes", conditional: "if", refused: "no" };

function showClass(terminal: Terminal, { roles, people, rights }: AccessClass): void {
  terminal.line(
    `${roles.length === 0 ? "no role" : roles.join(", ")} (${people === null ? "accounts live in the hosted project" : count(people, "account")})`,
  );
  for (const right of rights) {
    const factor = right.secondFactor ? " after a second factor" : "";
    terminal.line(
      `  ${marks[right.outcome].padEnd(4)} ${right.action.padEnd(44)} ${right.path} → ${right.because}${factor}`,
    );
    if (right.condition !== "") terminal.line(`       ${right.condition}`);
  }
  terminal.line();
}

const words = {
  unused: "not signed in for 90 days",
  "no-second-factor": "a privileged role and no second factor",
} as const;

function showFlagged(terminal: Terminal, { flagged, reviewed }: AccessReport): void {
  for (const person of flagged) {
    terminal.warn(
      `${person.email} (${person.roles.join(", ")}): ${person.reasons.map((one) => words[one]).join("; ")}`,
    );
  }
  if (reviewed !== null) {
    terminal.line(`Reviewed ${new Date(reviewed.at).toISOString()} by ${reviewed.by}: ${reviewed.note}`);
  }
}
