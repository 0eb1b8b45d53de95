// Builds the tree over the leaves that were committed: each batch in one transaction, so that whoever is killed leaves nothing half
// done. It never extends, and never signs, a tree that is not the one it signed before.
import {
  type AuditDatabase,
  type AuditStatements,
  type KeptCheckpoint,
  storedHashes,
  treeSize,
} from "./audit-database.ts";
import { type LeafEntry, readEntry } from "./audit-entry.ts";
import { type AuditFault, compareWithKept } from "./audit-fault.ts";
import type { CheckpointSigner } from "./checkpoint.ts";
import { leafHash, rootOf, rootOver, TILE_HASHES } from "./merkle-tree.ts";

export interface BuiltTree {
  readonly size: number;
  /** Leaves that this call placed. */
  readonly added: number;
  /** Why nothing was added. */
  readonly fault: AuditFault | undefined;
}

export interface BuildOptions {
  readonly database: AuditDatabase;
  readonly signer: CheckpointSigner;
  readonly kept: KeptCheckpoint;
  /** Leaves placed in one transaction. */
  readonly batch?: number;
}

/** Only one builder at a time in a database. "audt" in ASCII. */
export const BUILD_LOCK = 0x61756474;
const BATCH = 4_096;

/** Places what is waiting, batch by batch, and keeps a checkpoint outside the database after each. */
export async function buildTree({ database, signer, kept, batch = BATCH }: BuildOptions): Promise<BuiltTree> {
  let added = 0;
  for (;;) {
    const before = await kept.read();
    const step = await database.transaction((statements) => placeBatch(statements, signer, before, batch));
    if (step.note !== undefined && step.note !== before) await kept.write(step.note);
    added += step.added;
    if (step.fault !== undefined || step.added < batch) return { size: step.size, added, fault: step.fault };
  }
}

interface Step {
  readonly size: number;
  readonly added: number;
  readonly fault: AuditFault | undefined;
  readonly note?: string;
}

interface WaitingLeaf {
  readonly transaction: string;
  readonly id: string;
  readonly entry: string;
  readonly hash: Buffer;
}

async function placeBatch(
  statements: AuditStatements,
  signer: CheckpointSigner,
  kept: string | null,
  batch: number,
): Promise<Step> {
  await statements.query("SELECT pg_catalog.pg_advisory_xact_lock($1)", [BUILD_LOCK]);
  const size = await treeSize(statements);
  const fault = await compareWithKept(statements, signer, kept, size);
  if (fault !== undefined) return { size, added: 0, fault };
  const leaves = await waitingLeaves(statements, batch);
  const read = leaves.map(({ entry, hash }) => (leafHash(entry).equals(hash) ? readEntry(entry) : undefined));
  const damaged = read.indexOf(undefined);
  if (damaged !== -1) {
    const { transaction, id } = leaves[damaged] as WaitingLeaf;
    return { size, added: 0, fault: { kind: "changed", position: size + damaged, leaf: `${transaction}/${id}` } };
  }
  const newest = await newestNote(statements, signer, kept, size);
  if (leaves.length === 0) return { size, added: 0, fault: undefined, ...(newest === null ? {} : { note: newest }) };
  await placeLeaves(statements, leaves, read as readonly LeafEntry[], size);
  const grown = size + leaves.length;
  await completeTiles(statements, grown);
  const { forks = [] } = (newest === null ? undefined : signer.open(newest)) ?? {};
  const note = signer.sign({ size: grown, root: await rootOf(storedHashes(statements), 0, grown), forks });
  await statements.query("INSERT INTO holdfast_keeper.audit_checkpoints (size, note) VALUES ($1, $2)", [grown, note]);
  return { size: grown, added: leaves.length, fault: undefined, note };
}

/** Of the one that is kept and what another builder signed behind it, or this one before it was killed. */
async function newestNote(
  statements: AuditStatements,
  signer: CheckpointSigner,
  kept: string | null,
  size: number,
): Promise<string | null> {
  const { rows } = await statements.query<{ note: string }>(
    "SELECT note FROM holdfast_keeper.audit_checkpoints WHERE size <= $1 ORDER BY size DESC LIMIT 1",
    [size],
  );
  const note = rows[0]?.note;
  const newest = note === undefined ? undefined : signer.open(note);
  if (note === undefined || newest === undefined) return kept;
  const known = kept === null ? undefined : signer.open(kept);
  const isBehind = known === undefined || (newest.size > known.size && newest.forks.length >= known.forks.length);
  return isBehind ? note : kept;
}

/**
 * Leaves behind the last that has a place, in order of their transactions. Those of a transaction that may still commit wait, and
 * with them every later one: else it would have to be put between leaves that have their places.
 */
async function waitingLeaves(statements: AuditStatements, batch: number): Promise<readonly WaitingLeaf[]> {
  const { rows } = await statements.query<WaitingLeaf>(
    `SELECT l.transaction::text AS transaction, l.id::text AS id, l.entry, l.hash FROM holdfast_keeper.audit_leaves l
     WHERE l.transaction < pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
       AND (l.transaction, l.id) > (
         SELECT COALESCE(max(p.transaction), '0'::xid8), COALESCE(max(p.id), 0) FROM (
           SELECT transaction, id FROM holdfast_keeper.audit_positions ORDER BY position DESC LIMIT 1) p)
     ORDER BY l.transaction, l.id LIMIT $1`,
    [batch],
  );
  return rows;
}

async function placeLeaves(
  statements: AuditStatements,
  leaves: readonly WaitingLeaf[],
  entries: readonly LeafEntry[],
  size: number,
): Promise<void> {
  await statements.query(
    `INSERT INTO holdfast_keeper.audit_positions (position, transaction, id, hash, table_name, row_key)
     SELECT $1::bigint + n - 1, t::xid8, i, h, "table", key
     FROM unnest($2::text[], $3::bigint[], $4::bytea[], $5::text[], $6::text[]) WITH ORDINALITY AS new (t, i, h, "table", key, n)`,
    [
      size,
      leaves.map(({ transaction }) => transaction),
      leaves.map(({ id }) => id),
      leaves.map(({ hash }) => hash),
      entries.map(({ table }) => table),
      entries.map(({ key }) => key),
    ],
  );
}

/** Stores every tile that is full and not there yet, from the lowest level up. */
async function completeTiles(statements: AuditStatements, size: number): Promise<void> {
  const reader = storedHashes(statements);
  for (let level = 0, hashes = size; hashes >= TILE_HASHES; level += 1, hashes = Math.floor(hashes / TILE_HASHES)) {
    const { rows } = await statements.query<{ next: string }>(
      "SELECT COALESCE(max(number) + 1, 0) AS next FROM holdfast_keeper.audit_tiles WHERE level = $1",
      [level],
    );
    for (let number = Number(rows[0]?.next); (number + 1) * TILE_HASHES <= hashes; number += 1) {
      const tile = await reader.read(level, number * TILE_HASHES, TILE_HASHES);
      await statements.query(
        "INSERT INTO holdfast_keeper.audit_tiles (level, number, root, hashes) VALUES ($1, $2, $3, $4)",
        [level, number, rootOver(tile), Buffer.concat(tile)],
      );
    }
  }
}
