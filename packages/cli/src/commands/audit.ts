// `holdfast audit`: proves what the audit log says of a row or that it only grew, verifies the whole log, prints the newest checkpoint
// to be kept where nobody who owns the database can reach it, or lets the log of a database that was put back go on.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AuditDatabase,
  auditFaults,
  buildTree,
  type CheckpointSigner,
  growthFiles,
  type KeptCheckpoint,
  proofFiles,
  proveGrowth,
  proveRow,
  readEntry,
  verifyLog,
} from "@holdfast/postgres";
import { keptCheckpoint, openAuditSigner, RESTORE_RECORD_FILE } from "@holdfast/server";
import type { AcceptedRestoreShape } from "@holdfast/server/api";
import { CliError, exitCodes } from "../cli-error.ts";
import type { Command, CommandInput } from "../command.ts";
import { accessRunning } from "../deployment/access-running.ts";
import { withAdministrator } from "../deployment/administrator-client.ts";
import { platformClient } from "../deployment/platform-client.ts";
import { loadProject, type Project } from "../project.ts";
import { projectFolder } from "../project-folder.ts";
import { count } from "../terminal.ts";

export const auditCommand: Command = {
  name: "audit",
  summary:
    "Prove what was recorded of a row, verify the whole audit log, print its newest checkpoint, or accept a restore.",
  usage:
    "audit prove table key|verify|consistency|checkpoint|accept-restore [folder] [--out folder] [--checkpoint file] [--person address --reason text [--record file]] [--json]",
  options: {
    out: { type: "string" },
    checkpoint: { type: "string" },
    person: { type: "string" },
    reason: { type: "string" },
    record: { type: "string" },
  },
  async run(input) {
    const [action = ""] = input.words;
    const work = actions[action];
    if (work === undefined) throw misused(`there is no ${JSON.stringify(action)} of audit`);
    return work(input);
  },
};

const misused = (what: string): CliError =>
  new CliError("cli/unknown-option", what, `usage: holdfast ${auditCommand.usage}`);

interface OpenLog {
  readonly database: AuditDatabase;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint;
}

/** The log of a project's database, as the platform's role reads it; what was committed gets its place first. */
function withLog<T>(project: Project, input: CommandInput, work: (log: OpenLog) => Promise<T>): Promise<T> {
  return withAdministrator(project, input.terminal, async (_, vault, prepared) => {
    const database = prepared.pool("holdfast_platform", { connectionsMax: 1 });
    try {
      const signer = await openAuditSigner(vault, prepared.database);
      const kept = keptCheckpoint(vault, prepared.database);
      await buildTree({ database, signer, kept });
      return await work({ database, signer, kept });
    } finally {
      await database.end();
    }
  });
}

const actions: Readonly<Record<string, (input: CommandInput) => Promise<number>>> = {
  async prove(input) {
    const [, name, key, folder] = input.words;
    if (name === undefined || key === undefined) throw misused("no table and row key were named");
    const project = await loadProject(projectFolder(folder));
    const table = Object.hasOwn(project.policy.tables, name) ? project.policy.tables[name] : undefined;
    if (table?.audited !== true) {
      const audited = Object.entries(project.policy.tables).flatMap(([each, rule]) => (rule.audited ? [each] : []));
      const found = `an audited table was expected (${audited.join(", ") || "there is none"}), found ${JSON.stringify(name)}`;
      throw new CliError("cli/unknown-option", found, "write audited: true at the table in security.ts");
    }
    const proof = await withLog(project, input, ({ database, signer }) =>
      proveRow(database, signer, { table: `${table.schema}.${table.name}`, key }),
    );
    input.json({ table: name, key, ...proof });
    const { terminal } = input;
    if (proof === undefined || proof.leaves.length === 0) {
      terminal.warn(`Nothing was recorded of ${name} ${key}.`);
      return exitCodes.unproven;
    }
    for (const { position, entry, holds } of proof.leaves) {
      const read = readEntry(entry);
      if (read === undefined) {
        terminal.warn(`${String(position).padStart(8)}  what was recorded here is gone, or was written over`);
        continue;
      }
      const { at, action, subject, actor, role, columns } = read;
      const who = `${subject ?? role}${actor === null ? "" : ` (by ${actor})`}`;
      const line = `${String(position).padStart(8)}  ${new Date(at).toISOString()}  ${action} by ${who}${columns === null ? "" : `: ${columns.join(", ")}`}`;
      if (holds) terminal.done(line);
      else terminal.warn(`${line}  not in the signed tree`);
    }
    await writeOut(input, proofFiles(proof));
    return proof.leaves.every(({ holds }) => holds) ? exitCodes.held : exitCodes.broken;
  },
  async verify(input) {
    const [, folder] = input.words;
    const { terminal, options } = input;
    const file = options["checkpoint"];
    const given = typeof file === "string" ? [await textIn(file, "a checkpoint", CHECKPOINT_HINT)] : [];
    const report = await withLog(await loadProject(projectFolder(folder)), input, async (log) => {
      const own = await log.kept.read();
      return verifyLog(log.database, {
        signer: log.signer,
        kept: own === null ? given : [own, ...given],
        onProgress: (done, size) => terminal.progress(`Verifying: ${done} of ${count(size, "change")}`),
      });
    });
    input.json({ intact: report.faults.length === 0, ...report });
    for (const { kind, position, leaf } of report.faults)
      terminal.warn(`${kind} at ${position}${leaf === undefined ? "" : ` (${leaf})`}: ${auditFaults[kind]}`);
    if (report.faults.length > 0) return exitCodes.broken;
    terminal.done(
      `${count(report.size, "recorded change")}: as committed, by ${count(report.checkpoints, "signed checkpoint")}.`,
    );
    if (report.abandoned > 0)
      terminal.line(
        `  ${count(report.abandoned, "genuine checkpoint")} of changes that were given up when somebody accepted a restore.`,
      );
    return exitCodes.held;
  },
  async consistency(input) {
    const [, folder] = input.words;
    const { terminal, options } = input;
    const file = options["checkpoint"];
    if (typeof file !== "string") throw misused("--checkpoint was expected to name a file with an earlier checkpoint");
    const earlier = await textIn(file, "a checkpoint", CHECKPOINT_HINT);
    const proof = await withLog(await loadProject(projectFolder(folder)), input, ({ database, signer }) =>
      proveGrowth(database, signer, { earlier }),
    );
    input.json(proof ?? { holds: false });
    if (proof === undefined) {
      terminal.warn("It is no checkpoint that this log signed, or one of more changes than the log has.");
      return exitCodes.broken;
    }
    const [from, to] = [proof.earlier, proof.later].map((note) => note.split("\n")[1]);
    if (!proof.holds) {
      terminal.warn(`The log of ${to} changes does not only add to the one of ${from}.`);
      terminal.line("  holdfast audit verify --checkpoint says whether a restore gave them up.");
      return exitCodes.broken;
    }
    terminal.done(`The log of ${to} changes only adds to the one of ${from}.`);
    await writeOut(input, growthFiles(proof));
    return exitCodes.held;
  },
  async "accept-restore"(input) {
    const [, words] = input.words;
    const { person, reason, record } = input.options as Readonly<Record<string, string | undefined>>;
    if (person === undefined || reason === undefined)
      throw misused("--person (an administrator, by address) and --reason were expected");
    const folder = projectFolder(words);
    const file = record ?? join(folder, ".holdfast", "postgres", RESTORE_RECORD_FILE);
    const text = await textIn(file, "the record of a restore", "name it with --record; holdfast restore leaves it");
    const access = await accessRunning(folder);
    const client = platformClient({ ...access, serviceKey: await access.operatorKey() });
    const body = { person, reason, record: text };
    const accepted = await client.post<AcceptedRestoreShape>("/audit/restores", body);
    input.json(accepted);
    input.terminal.done(
      `The audit log goes on from ${count(accepted.size, "change")}: restore ${accepted.fork}, accepted by ${person}.`,
    );
    input.terminal.line(
      "  What was given up keeps its signed checkpoint, in the statement that is now part of the log.",
    );
    return exitCodes.held;
  },
  async checkpoint(input) {
    const [, folder] = input.words;
    const note = await withLog(await loadProject(projectFolder(folder)), input, ({ kept }) => kept.read());
    input.json({ checkpoint: note });
    if (note === null) {
      input.terminal.warn("Nothing was recorded yet.");
      return exitCodes.unproven;
    }
    for (const line of note.trimEnd().split("\n")) input.terminal.line(line);
    return exitCodes.held;
  },
};

const CHECKPOINT_HINT = "write it with: holdfast audit checkpoint";

async function textIn(file: string, what: string, hint: string): Promise<string> {
  try {
    const text = await readFile(file, "utf8");
    return text.endsWith("\n") ? text : `${text}\n`;
  } catch (cause) {
    const found = `${what} was expected in ${file}; it cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`;
    throw new CliError("cli/unknown-option", found, hint);
  }
}

/** Where the author asked for files that verify themselves. */
async function writeOut({ options, terminal }: CommandInput, files: Readonly<Record<string, string>>): Promise<void> {
  const out = options["out"];
  if (typeof out !== "string") return;
  await mkdir(out, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(out, file), text);
  terminal.line(`bash ${join(out, "verify.sh")} verifies it with openssl and sha256sum alone.`);
}
