// Applies migrations: one transaction each, together with the row that records it, under a lock. A process that is killed
// leaves a file either applied and recorded, or not at all.
import type { Client } from "pg";
import { MigrationError } from "./error.ts";
import { type MigrationFile, type MigrationSet, readMigrations } from "./migration-files.ts";
import { transactionControl } from "./transaction-control.ts";

/** Held per database while migrations run, so that two starting processes take turns. "migr" in ASCII. */
const MIGRATION_LOCK = 0x6d696772;

interface Applied {
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
}

/** What a run did. */
export interface MigrationReport {
  readonly applied: readonly string[];
}

/**
 * Applies what is missing from each set, in order. A connection that dies keeps nothing of its unfinished file.
 * @throws MigrationError when a file that was applied has changed or is missing, or a statement fails.
 */
export async function migrate(administrator: Client, sets: readonly MigrationSet[]): Promise<MigrationReport> {
  const applied: string[] = [];
  await administrator.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
  try {
    await ensureRecord(administrator);
    for (const set of sets) {
      const files = await readMigrations(set);
      const known = await appliedFiles(administrator, set);
      refuseRewritten(set, files, known);
      for (const file of files.slice(known.length)) refuseTransactionControl(set, file);
      for (const file of files.slice(known.length)) {
        await applyOne(administrator, set, file);
        applied.push(`${set.name}/${file.name}`);
      }
    }
    return { applied };
  } finally {
    await administrator.query("select pg_advisory_unlock($1)", [MIGRATION_LOCK]).catch(() => undefined); // Gone with it.
  }
}

async function ensureRecord(administrator: Client): Promise<void> {
  await administrator.query("create schema if not exists holdfast_migrations");
  await administrator.query(
    `create table if not exists holdfast_migrations.applied (
       set_name text not null, number integer not null, name text not null, sha256 text not null,
       applied_at timestamptz not null default clock_timestamp(), primary key (set_name, number))`,
  );
}

async function appliedFiles(administrator: Client, set: MigrationSet): Promise<readonly Applied[]> {
  const { rows } = await administrator.query<Applied>(
    "select number, name, sha256 from holdfast_migrations.applied where set_name = $1 order by number",
    [set.name],
  );
  return rows;
}

function refuseRewritten(set: MigrationSet, files: readonly MigrationFile[], known: readonly Applied[]): void {
  for (const [index, row] of known.entries()) {
    const file = files[index];
    if (file === undefined) {
      throw new MigrationError("migration/file-missing", {
        expected: `${set.name}/${row.name}, which was applied to this database`,
        found: "no such file",
        hint: "Restore it; this database was made by a newer or another release.",
      });
    }
    if (file.sha256 !== row.sha256) {
      throw new MigrationError("migration/changed", {
        expected: `${set.name}/${row.name} as it was applied (SHA-256 ${row.sha256.slice(0, 12)}…)`,
        found: `${file.name} with SHA-256 ${file.sha256.slice(0, 12)}…`,
        hint: "Never edit an applied migration: restore it and write the change as the next number.",
      });
    }
  }
}

async function applyOne(administrator: Client, set: MigrationSet, file: MigrationFile): Promise<void> {
  try {
    await administrator.query("begin");
    await administrator.query("set local search_path = public");
    if (set.role !== "administrator") await administrator.query(`set local role ${set.role ?? "holdfast_owner"}`);
    const before = await transactionId(administrator);
    await administrator.query(file.text);
    await administrator.query("reset role");
    if ((await transactionId(administrator)) !== before)
      throw controlsTransaction(set, file, "a transaction that ended");
    await administrator.query(
      "insert into holdfast_migrations.applied (set_name, number, name, sha256) values ($1, $2, $3, $4)",
      [set.name, file.number, file.name, file.sha256],
    );
    await administrator.query("commit");
  } catch (cause) {
    await administrator.query("rollback").catch(() => undefined); // The connection is gone: the server rolls back.
    if (cause instanceof MigrationError) throw cause;
    const { message, code, position } = cause as { message: string; code?: string; position?: string };
    throw new MigrationError("migration/failed", {
      expected: `${set.name}/${file.name} to apply`,
      found: `${message}${code === undefined ? "" : ` (${code})`}${lineOf(file.text, position)}`,
      hint: "Nothing of this file was applied. Correct it and start again.",
      cause,
    });
  }
}

async function transactionId(administrator: Client): Promise<string | undefined> {
  const { rows } = await administrator.query<{ id: string }>("select pg_catalog.pg_current_xact_id()::text as id");
  return rows[0]?.id;
}

function refuseTransactionControl(set: MigrationSet, file: MigrationFile): void {
  const found = transactionControl(file.text);
  if (found !== undefined) throw controlsTransaction(set, file, found);
}

const controlsTransaction = (set: MigrationSet, file: MigrationFile, found: string): MigrationError =>
  new MigrationError("migration/transaction-control", {
    expected: `${set.name}/${file.name} to leave its transaction to Holdfast`,
    found,
    hint: "Remove BEGIN, COMMIT and ROLLBACK: each file is one transaction already.",
  });

function lineOf(text: string, position: string | undefined): string {
  if (position === undefined) return "";
  return ` at line ${text.slice(0, Number(position)).split("\n").length}`;
}
