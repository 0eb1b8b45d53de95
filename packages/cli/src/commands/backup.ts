// `holdfast backup`: makes one now, lists what there is and what can be restored, or restores the newest on trial.
import type { BackupStatus, BackupSummary } from "@holdfast/server/api";
import { runJob, statusOf, withBackups } from "../backups/with-backups.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { typed } from "../command-name.ts";
import { projectFolder } from "../project-folder.ts";
import type { Terminal } from "../terminal.ts";

const MEBIBYTE = 1_048_576;
const MINUTE_MS = 60_000;

export const backupCommand: Command = {
  name: "backup",
  summary:
    "Make a backup and restore it on trial, list backups and the moments that can be restored, or verify the newest.",
  usage: "backup now [--incremental]|list|verify [folder] [--json]",
  options: { incremental: { type: "boolean" } },
  async run(input) {
    const [action = "list", folder] = input.words;
    const work = actions[action];
    if (work === undefined) {
      throw new CliError(
        "cli/unknown-option",
        `there is no ${JSON.stringify(action)} of backup`,
        `usage: holdfast ${backupCommand.usage}`,
      );
    }
    if (input.options["incremental"] === true && action !== "now") {
      throw new CliError(
        "cli/unknown-option",
        `--incremental was expected with now; it stands with ${action}`,
        `usage: holdfast ${backupCommand.usage}`,
      );
    }
    const status = await withBackups(projectFolder(folder), input.terminal, (client) => work(client, input));
    input.json(status);
    return exitCodeOf(status);
  },
};

type Action = (client: Parameters<typeof statusOf>[0], input: CommandInput) => Promise<BackupStatus>;

const actions: Readonly<Record<string, Action>> = {
  async now(client, { terminal, options }) {
    const status = await runJob(client, options["incremental"] === true ? "/backups/increments" : "/backups", terminal);
    printDrill(terminal, status);
    return status;
  },
  async verify(client, { terminal }) {
    const status = await runJob(client, "/backups/drills", terminal);
    printDrill(terminal, status);
    return status;
  },
  async list(client, { terminal }) {
    const status = await statusOf(client);
    printStatus(terminal, status);
    return status;
  },
};

/** Only what was restored on trial counts. */
function exitCodeOf({ on, backups }: BackupStatus): number {
  const newest = backups[0];
  if (!on || newest === undefined || newest.state === "unproven") return exitCodes.unproven;
  return newest.state === "proven" ? exitCodes.held : exitCodes.broken;
}

const moment = (at: number | null): string =>
  at === null
    ? "?"
    : new Date(at)
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, " UTC");

const mebibytes = (bytes: number | null): string => (bytes === null ? "?" : `${(bytes / MEBIBYTE).toFixed(1)} MiB`);

function printDrill(terminal: Terminal, { newestDrill, backups }: BackupStatus): void {
  const newest = backups[0];
  if (newestDrill === null || newest === undefined) return terminal.warn("No backup was made; the events say why.");
  const line = `${newest.id}  ${sizesOf(newest)}`;
  if (newestDrill.result === "passed") terminal.done(line);
  else terminal.warn(line);
  for (const { name, result, seen } of newestDrill.steps)
    terminal.line(`  ${result.padEnd(9)} ${name.padEnd(10)} ${seen}`);
  terminal.line(
    newestDrill.result === "passed"
      ? "It was restored on trial, and counts."
      : "Its restore drill failed: it does not count.",
  );
}

function printStatus(terminal: Terminal, status: BackupStatus): void {
  if (!status.on) {
    terminal.line(status.refusal ?? "The policy asks for no backups (continuity.backups).");
    terminal.line("Where pgBackRest, WAL-G or a cloud makes them, they stay there.");
    return;
  }
  for (const backup of status.backups) terminal.line(lineOf(backup));
  if (status.backups.length === 0) terminal.line("There is no backup yet.");
  terminal.line();
  for (const { from, to } of status.recoverable)
    terminal.line(`Every moment from ${moment(from)} to ${moment(to)} can be restored.`);
  const { running, reachesTo, problem } = status.archive;
  terminal.line(
    `The log is ${running ? "archived" : "not archived now"}${reachesTo === null ? "" : `, up to ${moment(reachesTo)}`}.`,
  );
  if (problem !== null) terminal.warn(problem);
  if (status.lateSince !== null) terminal.warn(`A backup has been due since ${moment(status.lateSince)}.`);
  else if (status.dueAt !== null)
    terminal.line(`The next backup is due in ${Math.max(0, Math.round((status.dueAt - status.now) / MINUTE_MS))} min.`);
  terminal.line(`They lie in ${status.target}; ${typed("restore --to TIME --into DIR")} brings one back.`);
}

const sizesOf = ({ plainBytes, storedBytes, parent }: BackupSummary): string =>
  `${mebibytes(plainBytes)}${parent === null ? "" : ` changed since ${parent}`}, stored as ${mebibytes(storedBytes)}`;

const lineOf = (backup: BackupSummary): string =>
  `${backup.state.padEnd(9)} ${backup.id}  ${moment(backup.endedAt)}  ${sizesOf(backup)}${backup.problem === null ? "" : `  ${backup.problem}`}`;
