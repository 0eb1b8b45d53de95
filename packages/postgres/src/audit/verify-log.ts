// Verifies a whole audit log: every leaf against its entry and its place, the places against the tiles, and the tree against every
// checkpoint. It trusts nothing in the database but signatures.

import { acceptedRestores } from "./accepted-restores.ts";
import { type AuditStatements, treeSize } from "./audit-database.ts";
import { readEntry } from "./audit-entry.ts";
import type { AuditFault } from "./audit-fault.ts";
import type { Checkpoint, CheckpointSigner, Fork } from "./checkpoint.ts";
import { GrowingRoot, leafHash, rootOver, TILE_HASHES } from "./merkle-tree.ts";

export interface LogVerification {
  readonly size: number;
  /** Of the tree as it is computed from the leaves' places. */
  readonly root: string;
  /** Checkpoints that were compared, those kept elsewhere among them. */
  readonly checkpoints: number;
  /** Genuine checkpoints of leaves that were given up by a restore that was accepted. */
  readonly abandoned: number;
  /** The first ones, in order of their places; empty: the log is whole. */
  readonly faults: readonly AuditFault[];
}

export interface VerifyOptions {
  readonly signer: CheckpointSigner;
  /** Notes kept outside the database. */
  readonly kept: readonly string[];
  readonly onProgress?: (done: number, size: number) => void;
}

const PAGE = 4_096;
/** One changed leaf makes every later checkpoint differ: the first faults say where. */
const FAULTS_MAX = 100;

interface PlacedLeaf {
  readonly position: string;
  readonly transaction: string;
  readonly id: string;
  readonly placed: Buffer;
  readonly table: string;
  readonly key: string | null;
  readonly entry: string | null;
  readonly hash: Buffer | null;
}

export async function verifyLog(
  statements: AuditStatements,
  { signer, kept, onProgress }: VerifyOptions,
): Promise<LogVerification> {
  const size = await treeSize(statements);
  const faults: AuditFault[] = [];
  const opened = kept.flatMap((note) => signer.open(note) ?? []);
  if (opened.length < kept.length) faults.push({ kind: "unsigned", position: 0, leaf: "kept outside" });
  const stored = await storedCheckpoints(statements, signer, size, faults);
  const { forks } = [...stored, ...opened].reduce<Pick<Checkpoint, "forks">>(
    (most, each) => (each.forks.length > most.forks.length ? each : most),
    { forks: [] },
  );
  if (!(await isAccepted(statements, signer, forks)))
    faults.push({ kind: "unaccepted", position: forks.at(-1)?.size ?? 0 });
  const ours = opened.filter((checkpoint) => isOnTree(checkpoint, forks));
  for (const checkpoint of ours)
    if (checkpoint.size > size) faults.push({ kind: "rolled-back", position: checkpoint.size });
  const checkpoints = [...stored, ...ours].toSorted((one, other) => one.size - other.size);
  const root = await walk(statements, {
    size,
    checkpoints,
    faults,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return {
    size,
    root: root.toString("hex"),
    checkpoints: checkpoints.length,
    abandoned: opened.length - ours.length,
    faults: faults.toSorted((one, other) => one.position - other.position).slice(0, FAULTS_MAX),
  };
}

/** Whether a checkpoint is of the tree that the forks left, and not of leaves that one of them gave up. */
function isOnTree({ size, forks: before }: Checkpoint, forks: readonly Fork[]): boolean {
  const isSameLog = before.every((fork, at) => fork.size === forks[at]?.size && fork.evidence === forks[at]?.evidence);
  return !isSameLog || forks.slice(before.length).every((fork) => size <= fork.size);
}

/** The newest fork has its statement. Those of earlier ones may themselves have been given up. */
async function isAccepted(
  statements: AuditStatements,
  signer: CheckpointSigner,
  forks: readonly Fork[],
): Promise<boolean> {
  const newest = forks.at(-1);
  if (newest === undefined) return true;
  const accepted = await acceptedRestores(statements, signer);
  return accepted.some(
    ({ fork, size, evidence }) => fork === forks.length && size === newest.size && evidence === newest.evidence,
  );
}

/** Each must be signed, and the newest must be of the whole tree. */
async function storedCheckpoints(
  statements: AuditStatements,
  signer: CheckpointSigner,
  size: number,
  faults: AuditFault[],
): Promise<readonly Checkpoint[]> {
  const found: Checkpoint[] = [];
  for (let after = -1; ; ) {
    const { rows } = await statements.query<{ size: string; note: string }>(
      "SELECT size, note FROM holdfast_keeper.audit_checkpoints WHERE size > $1 ORDER BY size LIMIT $2",
      [after, PAGE],
    );
    for (const row of rows) {
      const checkpoint = signer.open(row.note);
      if (checkpoint?.size === Number(row.size)) found.push(checkpoint);
      else faults.push({ kind: "unsigned", position: Number(row.size) });
    }
    after = Number(rows.at(-1)?.size ?? after);
    if (rows.length < PAGE) break;
  }
  const newest = found.at(-1)?.size ?? 0;
  if (newest > size) faults.push({ kind: "rolled-back", position: newest });
  // The builder may have placed leaves since the size was asked for, never fewer.
  if (newest < size) faults.push({ kind: "unsigned", position: size });
  return found;
}

interface Walk {
  readonly size: number;
  readonly checkpoints: readonly Checkpoint[];
  readonly faults: AuditFault[];
  readonly onProgress?: VerifyOptions["onProgress"];
}

async function walk(statements: AuditStatements, { size, checkpoints, faults, onProgress }: Walk): Promise<Buffer> {
  const tree = new GrowingRoot();
  const waiting = checkpoints.filter((checkpoint) => checkpoint.size <= size);
  const compare = (): void => {
    while (waiting[0]?.size === tree.size) {
      const checkpoint = waiting.shift() as Checkpoint;
      if (!tree.root().equals(checkpoint.root)) faults.push({ kind: "forked", position: checkpoint.size });
    }
  };
  compare();
  let before = { transaction: "0", id: "0" };
  for (let from = 0; from < size; from += PAGE) {
    const page = await placedLeaves(statements, from, Math.min(size, from + PAGE));
    let last = before;
    for (const leaf of page) {
      const fault = faultOf(leaf, tree.size, last);
      if (fault !== undefined) faults.push(fault);
      tree.add(leaf.placed);
      compare();
      last = leaf;
    }
    if (page.length < Math.min(PAGE, size - from)) {
      faults.push({ kind: "reordered", position: tree.size });
      return tree.root();
    }
    faults.push(
      ...(await insertedLeaves(statements, before, last, from)),
      ...(await tileFaults(statements, page, from)),
    );
    before = last;
    onProgress?.(tree.size, size);
    if (faults.length > FAULTS_MAX) break;
  }
  return tree.root();
}

async function placedLeaves(statements: AuditStatements, from: number, to: number): Promise<readonly PlacedLeaf[]> {
  const { rows } = await statements.query<PlacedLeaf>(
    `SELECT p.position, p.transaction::text AS transaction, p.id::text AS id, p.hash AS placed, p.table_name AS "table",
       p.row_key AS key, l.entry, l.hash
     FROM holdfast_keeper.audit_positions p
     LEFT JOIN holdfast_keeper.audit_leaves l ON l.transaction = p.transaction AND l.id = p.id
     WHERE p.position >= $1 AND p.position < $2 ORDER BY p.position`,
    [from, to],
  );
  return rows;
}

interface LeafPlace {
  readonly transaction: string;
  readonly id: string;
}

const isBehind = (one: LeafPlace, other: LeafPlace): boolean => {
  const [a, b] = [BigInt(one.transaction), BigInt(other.transaction)];
  return a > b || (a === b && BigInt(one.id) > BigInt(other.id));
};

function faultOf(leaf: PlacedLeaf, expected: number, before: LeafPlace): AuditFault | undefined {
  const place = { position: Number(leaf.position), leaf: `${leaf.transaction}/${leaf.id}` };
  if (Number(leaf.position) !== expected || !isBehind(leaf, before)) return { kind: "reordered", ...place };
  if (leaf.entry === null || leaf.hash === null) return { kind: "removed", ...place };
  const entry = readEntry(leaf.entry);
  const isRow = entry?.table === leaf.table && entry.key === leaf.key;
  const isWhole = isRow && leafHash(leaf.entry).equals(leaf.placed) && leaf.hash.equals(leaf.placed);
  return isWhole ? undefined : { kind: "changed", ...place };
}

/** Leaves up to the last that has a place, and without one of their own. */
async function insertedLeaves(
  statements: AuditStatements,
  after: LeafPlace,
  last: LeafPlace,
  position: number,
): Promise<readonly AuditFault[]> {
  const { rows } = await statements.query<LeafPlace>(
    `SELECT l.transaction::text AS transaction, l.id::text AS id FROM holdfast_keeper.audit_leaves l
     WHERE (l.transaction, l.id) > ($1::xid8, $2::bigint) AND (l.transaction, l.id) <= ($3::xid8, $4::bigint)
       AND NOT EXISTS (SELECT FROM holdfast_keeper.audit_positions p WHERE p.transaction = l.transaction AND p.id = l.id
         AND p.position >= $5 AND p.position < $6)
     ORDER BY 1, 2 LIMIT $7`,
    [after.transaction, after.id, last.transaction, last.id, position, position + PAGE, FAULTS_MAX],
  );
  return rows.map(({ transaction, id }) => ({ kind: "inserted", position, leaf: `${transaction}/${id}` }));
}

/** The lowest tiles against the places; those above are roots of these, and go into every checkpoint. */
async function tileFaults(
  statements: AuditStatements,
  page: readonly PlacedLeaf[],
  from: number,
): Promise<readonly AuditFault[]> {
  const first = from / TILE_HASHES;
  const full = Math.floor(page.length / TILE_HASHES);
  const { rows } = await statements.query<{ number: string; hashes: Buffer; root: Buffer }>(
    "SELECT number, hashes, root FROM holdfast_keeper.audit_tiles WHERE level = 0 AND number >= $1 AND number < $2",
    [first, first + full],
  );
  const stored = new Map(rows.map((row) => [Number(row.number), row]));
  return Array.from({ length: full }, (_, at) => at).flatMap((at): readonly AuditFault[] => {
    const hashes = page.slice(at * TILE_HASHES, (at + 1) * TILE_HASHES).map(({ placed }) => placed);
    const tile = stored.get(first + at);
    const isWhole = tile?.hashes.equals(Buffer.concat(hashes)) === true && tile.root.equals(rootOver(hashes));
    return isWhole ? [] : [{ kind: "tile", position: from + at * TILE_HASHES }];
  });
}
