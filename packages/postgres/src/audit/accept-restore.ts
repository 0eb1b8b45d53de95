// A database that was put back is not the one whose checkpoint was kept, and its log grows no further. A person can accept that: a
// signed statement, with a reason and the record of the restore, becomes a leaf, and each checkpoint from then on names the fork. The
// checkpoint of what was given up stays in the statement. Never without a signed record, and never twice by the same one.
import { createHash } from "node:crypto";
import { type AcceptedRestore, FORKS_MAX, RESTORE_WORDS } from "./accepted-restores.ts";
import {
  type AuditDatabase,
  type AuditStatements,
  type KeptCheckpoint,
  storedHashes,
  treeSize,
} from "./audit-database.ts";
import { readEntry } from "./audit-entry.ts";
import { type AuditFault, compareWithKept } from "./audit-fault.ts";
import { BUILD_LOCK } from "./build-tree.ts";
import type { CheckpointSigner } from "./checkpoint.ts";
import { rootOf } from "./merkle-tree.ts";
import { verifyLog } from "./verify-log.ts";

/** Every reason why a restore is not accepted, with its sentence. */
export const acceptRefusals = {
  "not-rolled-back": "the log is the one whose checkpoint is kept, or grew out of it: there is nothing to accept",
  damaged: "the log that was put back is not whole in itself: that is no restore",
  "evidence-used": "this record of a restore was accepted before",
  "evidence-other": "the log has leaves that are younger than what the record says was restored",
  "too-many": `at most ${FORKS_MAX} restores of a log are accepted`,
} as const;

export type AcceptRefusal = keyof typeof acceptRefusals;

export interface AcceptOptions {
  readonly database: AuditDatabase;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint;
  readonly person: string;
  readonly reason: string;
  /** Whose signature the caller has verified: the text, and the moment up to which it restored (ms since 1970). */
  readonly record: { readonly text: string; readonly until: number };
  readonly at: number;
}

/** Killed between the two writes it leaves a statement without its checkpoint: the log stays as it is until somebody accepts again. */
export async function acceptRestore(
  options: AcceptOptions,
): Promise<AcceptedRestore | { readonly refused: AcceptRefusal }> {
  const { database, signer, kept } = options;
  const result = await database.transaction((statements) => writeStatement(statements, options));
  if ("refused" in result) return result;
  await kept.write(result.note);
  return signer.openStatement(RESTORE_WORDS, result.statement) as AcceptedRestore;
}

async function writeStatement(
  statements: AuditStatements,
  { signer, kept, person, reason, record, at }: AcceptOptions,
): Promise<{ readonly refused: AcceptRefusal } | { readonly note: string; readonly statement: string }> {
  await statements.query("SELECT pg_catalog.pg_advisory_xact_lock($1)", [BUILD_LOCK]);
  const abandoned = await kept.read();
  const size = await treeSize(statements);
  const fault = await compareWithKept(statements, signer, abandoned, size);
  const before = abandoned === null ? undefined : signer.open(abandoned);
  if (abandoned === null || before === undefined || fault?.kind !== "rolled-back") return { refused: refusalOf(fault) };
  if (before.forks.length >= FORKS_MAX) return { refused: "too-many" };
  const evidence = createHash("sha256").update(record.text).digest("hex");
  if (before.forks.some((fork) => fork.evidence === evidence)) return { refused: "evidence-used" };
  if ((await verifyLog(statements, { signer, kept: [] })).faults.length > 0) return { refused: "damaged" };
  if ((await newestAt(statements)) > record.until) return { refused: "evidence-other" };
  const forks = [...before.forks, { size, evidence }];
  const accepted: AcceptedRestore = { fork: forks.length, size, abandoned, person, reason, evidence, at };
  const statement = signer.signStatement(RESTORE_WORDS, accepted);
  await statements.query("SELECT holdfast_keeper.record_restore($1)", [statement]);
  return { note: signer.sign({ size, root: await rootOf(storedHashes(statements), 0, size), forks }), statement };
}

const refusalOf = (fault: AuditFault | undefined): AcceptRefusal =>
  fault === undefined ? "not-rolled-back" : "damaged";

/** When the youngest leaf with a place was written. */
async function newestAt(statements: AuditStatements): Promise<number> {
  const { rows } = await statements.query<{ entry: string }>(
    `SELECT l.entry FROM holdfast_keeper.audit_positions p
     JOIN holdfast_keeper.audit_leaves l ON l.transaction = p.transaction AND l.id = p.id ORDER BY p.position DESC LIMIT 1`,
  );
  return rows[0] === undefined ? 0 : (readEntry(rows[0].entry)?.at ?? Number.POSITIVE_INFINITY);
}
