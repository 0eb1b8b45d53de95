// Proves that a later tree only adds to an earlier one, between two checkpoints that were signed (RFC 9162, section 2.1.4).
import { type AuditStatements, storedHashes } from "./audit-database.ts";
import type { Checkpoint, CheckpointSigner } from "./checkpoint.ts";
import { consistencyProof, verifyConsistency } from "./merkle-tree.ts";

export interface GrowthProof {
  /** The two signed checkpoints. */
  readonly earlier: string;
  readonly later: string;
  readonly publicKeyPem: string;
  /** Hexadecimal. */
  readonly proof: readonly string[];
  /** Whether the proof leads from the one root to the other. */
  readonly holds: boolean;
}

/**
 * From `earlier`, a note that somebody kept or the size of a stored checkpoint, to the newest, or to the stored one of `later` leaves.
 * Undefined where one of them is not there, is not signed by this log, or the first is the larger.
 */
export async function proveGrowth(
  statements: AuditStatements,
  signer: CheckpointSigner,
  { earlier, later }: { readonly earlier: string | number; readonly later?: number | undefined },
): Promise<GrowthProof | undefined> {
  const [from, to] = [await noteOf(statements, earlier), await noteOf(statements, later)];
  const [old, now] = [open(signer, from), open(signer, to)];
  if (from === undefined || to === undefined || old === undefined || now === undefined || old.size > now.size)
    return undefined;
  const proof = await consistencyProof(storedHashes(statements), old.size, now.size);
  return {
    earlier: from,
    later: to,
    publicKeyPem: signer.publicKeyPem,
    proof: proof.map((hash) => hash.toString("hex")),
    holds: verifyConsistency(proof, old, now),
  };
}

const open = (signer: CheckpointSigner, note: string | undefined): Checkpoint | undefined =>
  note === undefined ? undefined : signer.open(note);

async function noteOf(statements: AuditStatements, named: string | number | undefined): Promise<string | undefined> {
  if (typeof named === "string") return named;
  const { rows } = await statements.query<{ note: string }>(
    "SELECT note FROM holdfast_keeper.audit_checkpoints WHERE $1::bigint IS NULL OR size = $1 ORDER BY size DESC LIMIT 1",
    [named ?? null],
  );
  return rows[0]?.note;
}
