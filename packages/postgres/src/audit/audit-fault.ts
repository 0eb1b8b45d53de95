// What can be wrong with an audit log, and the first thing to be asked of one: is it the log whose checkpoint was kept elsewhere?
import { type AuditStatements, storedHashes } from "./audit-database.ts";
import type { CheckpointSigner } from "./checkpoint.ts";
import { rootOf } from "./merkle-tree.ts";

/** Every kind of fault, with its sentence. */
export const auditFaults = {
  changed: "a leaf is not what it was when it was written or placed",
  removed: "a leaf that has a place in the tree is gone",
  inserted: "a leaf stands among those that have their places, and has none",
  reordered: "leaves stand in another order than they were committed in, or a place is empty",
  tile: "a stored hash of the tree is not what its leaves give",
  forked: "the tree is not the one that a signed checkpoint names",
  "rolled-back": "the tree is smaller than one that was signed",
  unaccepted: "the tree was put back, and no statement in it says who accepted that",
  unsigned: "a checkpoint is missing, or its signature is not this log's",
} as const;

export interface AuditFault {
  readonly kind: keyof typeof auditFaults;
  /** Place in the tree, or the size of the checkpoint. */
  readonly position: number;
  /** The leaf, as transaction/id; the origin of a checkpoint. */
  readonly leaf?: string;
}

/** The tree against the checkpoint that is kept outside the database. Undefined: it is the same log, or grew out of it. */
export async function compareWithKept(
  statements: AuditStatements,
  signer: CheckpointSigner,
  note: string | null,
  size: number,
): Promise<AuditFault | undefined> {
  if (note === null) return undefined;
  const kept = signer.open(note);
  if (kept === undefined) return { kind: "unsigned", position: 0, leaf: "kept outside" };
  if (kept.size > size) return { kind: "rolled-back", position: kept.size };
  const root = await rootOf(storedHashes(statements), 0, kept.size);
  return root.equals(kept.root) ? undefined : { kind: "forked", position: kept.size };
}
