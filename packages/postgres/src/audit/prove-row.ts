// Proves what the audit log says of one row: every leaf, and for each what it takes to come from it to a signed root.
import { type AuditStatements, storedHashes } from "./audit-database.ts";
import type { CheckpointSigner } from "./checkpoint.ts";
import { inclusionProof, leafHash, verifyInclusion } from "./merkle-tree.ts";

export interface ProvenLeaf {
  readonly position: number;
  /** The exact bytes that were hashed. */
  readonly entry: string;
  /** Hexadecimal; the hashes beside the way to the root, from the leaf up, each with the side it stands on. */
  readonly hash: string;
  readonly path: readonly { readonly side: "left" | "right"; readonly hash: string }[];
  /** Whether the path leads from the entry to the checkpoint's root. */
  readonly holds: boolean;
}

export interface RowProof {
  readonly checkpoint: string;
  readonly publicKeyPem: string;
  readonly leaves: readonly ProvenLeaf[];
}

/** A row that changed more often is proven in pages. */
const LEAVES_MAX = 1_000;

/** Of the newest checkpoint; undefined where there is none, or it is not signed by this log. */
export async function proveRow(
  statements: AuditStatements,
  signer: CheckpointSigner,
  row: { readonly table: string; readonly key: string; readonly after?: number },
): Promise<RowProof | undefined> {
  const newest = await statements.query<{ note: string }>(
    "SELECT note FROM holdfast_keeper.audit_checkpoints ORDER BY size DESC LIMIT 1",
  );
  const note = newest.rows[0]?.note;
  const checkpoint = note === undefined ? undefined : signer.open(note);
  if (note === undefined || checkpoint === undefined) return undefined;
  const { rows } = await statements.query<{ position: string; entry: string | null }>(
    `SELECT p.position, l.entry FROM holdfast_keeper.audit_positions p
     LEFT JOIN holdfast_keeper.audit_leaves l ON l.transaction = p.transaction AND l.id = p.id
     WHERE p.table_name = $1 AND hashtextextended(p.row_key, 0) = hashtextextended($2, 0) AND p.row_key = $2 AND p.position > $3 AND p.position < $4 ORDER BY p.position LIMIT $5`,
    [row.table, row.key, row.after ?? -1, checkpoint.size, LEAVES_MAX],
  );
  const reader = storedHashes(statements);
  const leaves: ProvenLeaf[] = [];
  for (const found of rows) {
    const position = Number(found.position);
    const entry = found.entry ?? "";
    const proof = await inclusionProof(reader, position, checkpoint.size);
    const sides = sidesOf(position, checkpoint.size);
    const hash = leafHash(entry);
    leaves.push({
      position,
      entry,
      hash: hash.toString("hex"),
      path: proof.map((sibling, at) => ({ side: sides[at] ?? "left", hash: sibling.toString("hex") })),
      holds: verifyInclusion(proof, { hash, position }, checkpoint),
    });
  }
  return { checkpoint: note, publicKeyPem: signer.publicKeyPem, leaves };
}

/** On which side each hash of an inclusion proof stands, from the leaf up. */
export function sidesOf(position: number, size: number): readonly ("left" | "right")[] {
  const sides: ("left" | "right")[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const isLeft = position < from + half;
    sides.unshift(isLeft ? "right" : "left");
    [from, to] = isLeft ? [from, from + half] : [from + half, to];
  }
  return sides;
}
