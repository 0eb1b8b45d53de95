// What the log says of the times it was put back: statements that the log's own key signed, each a leaf of the tree.
import type { AuditStatements } from "./audit-database.ts";
import { readEntry } from "./audit-entry.ts";
import type { CheckpointSigner } from "./checkpoint.ts";

/** What such a statement says of itself. */
export const RESTORE_WORDS = "restore accepted";
/** Each is a line of every later checkpoint. */
export const FORKS_MAX = 100;

export interface AcceptedRestore {
  /** Which of the log's restores it is, from 1. */
  readonly fork: number;
  /** Leaves of the tree that was put back. */
  readonly size: number;
  /** The signed checkpoint that was kept: of leaves that were given up. */
  readonly abandoned: string;
  readonly person: string;
  readonly reason: string;
  /** SHA-256 of the record of the restore, hexadecimal. */
  readonly evidence: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the log says of its restores, those that have no place yet among them. One whose signature is not genuine is left out. */
export async function acceptedRestores(
  statements: AuditStatements,
  signer: CheckpointSigner,
): Promise<readonly AcceptedRestore[]> {
  const { rows } = await statements.query<{ entry: string }>(
    `SELECT l.entry FROM holdfast_keeper.audit_restores r
     JOIN holdfast_keeper.audit_leaves l ON l.transaction = r.transaction AND l.id = r.id ORDER BY r.transaction, r.id LIMIT $1`,
    [FORKS_MAX * 2],
  );
  return rows.flatMap(({ entry }) => {
    const statement = readEntry(entry)?.statement;
    return statement === undefined
      ? []
      : ((signer.openStatement(RESTORE_WORDS, statement) as AcceptedRestore | undefined) ?? []);
  });
}
