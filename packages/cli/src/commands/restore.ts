// `holdfast restore`: brings the database back as it was at a moment, into a folder of its own. It needs the vault and the target,
// and nothing that runs.
import { chown, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Restored, type RestoreProgress, restoreBackup } from "@holdfast/postgres";
import { BACKUP_KEY_SCOPE, openRestoreRecords, RESTORE_RECORD_FILE } from "@holdfast/server";
import type { Vault } from "@holdfast/vault";
import { openPlace } from "../backups/place.ts";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command } from "../command.ts";
import { openVaultAt } from "../deployment/open-vault.ts";
import { loadProject } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count, type Terminal } from "../terminal.ts";

const PERCENT = 100;
const REPORT_INTERVAL_MS = 250;
const DATE_ONLY_CHARACTERS = 10;

export const restoreCommand: Command = {
  name: "restore",
  summary: "Restore the database as it was at a moment into a new folder, from the backups and the archived log.",
  usage: "restore --into DIR [--to TIME] [--backup ID] [--from FOLDER] [folder] [--json]",
  options: { into: { type: "string" }, to: { type: "string" }, backup: { type: "string" }, from: { type: "string" } },
  async run({ words, options, terminal, json }) {
    const into = options["into"] as string | undefined;
    if (into === undefined || into === "") throw misuse("--into was expected to name a new folder; it is missing");
    const to = parseMoment(options["to"] as string | undefined);
    const folder = projectFolder(words[0]);
    const dataDirectory = resolve(folder, ".holdfast");
    const from = options["from"] as string | undefined;
    const place = from === undefined ? (await loadProject(folder)).deployment.backups : { folder: resolve(from) };
    const target = await openPlace(dataDirectory, place);
    const vault = await openVaultAt(dataDirectory);
    try {
      const restored = await restoreBackup({
        target,
        keys: vault.keyring.wrapper(BACKUP_KEY_SCOPE),
        to,
        backup: options["backup"] as string | undefined,
        into: resolve(into),
        onProgress: reporter(terminal),
      });
      await leaveRecord(vault, restored, to);
      json({ ...restored, backup: restored.backup.id, to: to ?? null });
      print(terminal, restored);
      return exitCodes.held;
    } finally {
      await vault.close();
    }
  },
};

/** The evidence that the audit log asks for when it finds itself put back. PostgreSQL's user may read it, as a backup of the folder does. */
async function leaveRecord(
  vault: Vault,
  { backup, directory, lastCommitAt }: Restored,
  to: number | undefined,
): Promise<void> {
  const records = await openRestoreRecords(vault);
  const file = join(directory, RESTORE_RECORD_FILE);
  const record = { backup: backup.id, to: to ?? null, lastCommitAt: lastCommitAt ?? null, at: Date.now() };
  await writeFile(file, records.sign(record), { mode: 0o600 });
  const { uid, gid } = await stat(directory);
  await chown(file, uid, gid);
}

const misuse = (message: string): CliError =>
  new CliError("cli/unknown-option", message, `usage: holdfast ${restoreCommand.usage}`);

/** A moment without a zone is taken as UTC, as everything here is told in UTC. */
function parseMoment(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const hasZone = /(?:Z|UTC|[+-]\d{2}:?\d{2})$/i.test(text.trim());
  const at = Date.parse(
    hasZone || text.trim().length <= DATE_ONLY_CHARACTERS ? text : `${text.trim().replace(" ", "T")}Z`,
  );
  if (Number.isNaN(at))
    throw misuse(
      `--to was expected to be a moment such as 2026-11-24T13:15:00Z; it is ${JSON.stringify(text.slice(0, 40))}`,
    );
  return at;
}

/** A line for each step, and on the way not more often than anybody can read. */
function reporter(terminal: Terminal): (progress: RestoreProgress) => void {
  let last = "";
  let at = 0;
  return (progress) => {
    const isNew = progress.step !== last;
    if (!isNew && performance.now() - at < REPORT_INTERVAL_MS) return;
    last = progress.step;
    at = performance.now();
    if (progress.step === "files")
      terminal.progress(`Restoring files: ${Math.floor((progress.bytes / Math.max(1, progress.about)) * PERCENT)} % …`);
    if (progress.step === "log") terminal.progress(`Fetching the log: ${progress.pieces} of ${progress.of} pieces …`);
    if (progress.step === "replay") terminal.progress("PostgreSQL replays the log …");
  };
}

function print(terminal: Terminal, { backup, directory, files, logPieces, lastCommitAt }: Restored): void {
  terminal.done(`Restored backup ${backup.id} and ${count(logPieces, "piece")} of log into ${directory}`);
  terminal.line(`  ${files} files, each as PostgreSQL listed it.`);
  if (lastCommitAt !== undefined)
    terminal.line(`  The newest transaction in it was committed at ${new Date(lastCommitAt).toISOString()}.`);
  terminal.line("  To use it: stop the deployment, move .holdfast/postgres away, and put this folder in its place.");
  terminal.line("  Where tables are audited, their log goes on once somebody says: holdfast audit accept-restore");
}
