// The Merkle tree of RFC 6962 (section 2.1): roots and proofs out of stored hashes. Nothing here knows where they are stored.
import { createHash } from "node:crypto";

/** Hashes in a full tile: one level of tiles is eight levels of the tree (C2SP tlog-tiles). */
export const TILE_HASHES = 256;
const TILE_LEVELS = 8;

/**
 * Hashes of complete subtrees of 256^`level` leaves each, `count` of them from the one numbered `from`, all in one tile.
 * Only what is complete is asked for.
 */
export interface HashReader {
  read(level: number, from: number, count: number): Promise<readonly Buffer[]>;
}

const LEAF = Buffer.from([0]);
const NODE = Buffer.from([1]);

export const leafHash = (entry: string): Buffer => createHash("sha256").update(LEAF).update(entry, "utf8").digest();

export const nodeHash = (left: Buffer, right: Buffer): Buffer =>
  createHash("sha256").update(NODE).update(left).update(right).digest();

const emptyRoot = (): Buffer => createHash("sha256").digest();

/** The largest power of two smaller than `size`, which is at least two. */
function split(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

const isPowerOfTwo = (size: number): boolean => Number.isInteger(Math.log2(size));

/** The root over hashes at hand. */
export function rootOver(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 0) return emptyRoot();
  if (hashes.length === 1) return hashes[0] as Buffer;
  const half = split(hashes.length);
  return nodeHash(rootOver(hashes.slice(0, half)), rootOver(hashes.slice(half)));
}

/** The root over the leaves `from` to `to`, the latter left out. */
export async function rootOf(reader: HashReader, from: number, to: number): Promise<Buffer> {
  const size = to - from;
  if (size === 0) return emptyRoot();
  if (isPowerOfTwo(size) && from % size === 0) {
    const level = Math.floor(Math.log2(size) / TILE_LEVELS);
    const leaves = TILE_HASHES ** level;
    return rootOver(await reader.read(level, from / leaves, size / leaves));
  }
  const half = split(size);
  return nodeHash(await rootOf(reader, from, from + half), await rootOf(reader, from + half, to));
}

/** RFC 6962, section 2.1.1: what it takes to come from the leaf at `position` to the root of the tree of `size`. */
export async function inclusionProof(reader: HashReader, position: number, size: number): Promise<readonly Buffer[]> {
  const path = async (from: number, to: number): Promise<Buffer[]> => {
    if (to - from === 1) return [];
    const middle = from + split(to - from);
    return position < middle
      ? [...(await path(from, middle)), await rootOf(reader, middle, to)]
      : [...(await path(middle, to)), await rootOf(reader, from, middle)];
  };
  return path(0, size);
}

/** RFC 6962, section 2.1.2: that the tree of `size` only adds to the tree of `earlier`. */
export async function consistencyProof(reader: HashReader, earlier: number, size: number): Promise<readonly Buffer[]> {
  const path = async (from: number, to: number, isWhole: boolean): Promise<Buffer[]> => {
    if (to === earlier) return isWhole ? [] : [await rootOf(reader, from, to)];
    const middle = from + split(to - from);
    return earlier <= middle
      ? [...(await path(from, middle, isWhole)), await rootOf(reader, middle, to)]
      : [...(await path(middle, to, false)), await rootOf(reader, from, middle)];
  };
  return earlier === 0 || earlier === size ? [] : path(0, size, true);
}

const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/** RFC 9162, section 2.1.3.2. */
export function verifyInclusion(
  proof: readonly Buffer[],
  leaf: { readonly hash: Buffer; readonly position: number },
  tree: { readonly size: number; readonly root: Buffer },
): boolean {
  if (leaf.position < 0 || leaf.position >= tree.size) return false;
  let [at, last, hash] = [leaf.position, tree.size - 1, leaf.hash];
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && hash.equals(tree.root);
}

/** RFC 9162, section 2.1.4.2. */
export function verifyConsistency(
  proof: readonly Buffer[],
  earlier: { readonly size: number; readonly root: Buffer },
  later: { readonly size: number; readonly root: Buffer },
): boolean {
  if (earlier.size > later.size) return false;
  if (earlier.size === later.size) return proof.length === 0 && earlier.root.equals(later.root);
  if (earlier.size === 0) return proof.length === 0;
  const path = isPowerOfTwo(earlier.size) ? [earlier.root, ...proof] : proof;
  let [at, last] = [earlier.size - 1, later.size - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let [old, now] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (isOdd(at) || at === last) {
      old = nodeHash(sibling, old);
      now = nodeHash(sibling, now);
      while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
    } else now = nodeHash(now, sibling);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && old.equals(earlier.root) && now.equals(later.root);
}

/** The root of a growing tree out of its complete subtrees alone: memory grows with the logarithm of the leaves. */
export class GrowingRoot {
  readonly #subtrees: { size: number; hash: Buffer }[] = [];
  size = 0;

  add(hash: Buffer): void {
    let added = { size: 1, hash };
    for (let last = this.#subtrees.at(-1); last?.size === added.size; last = this.#subtrees.at(-1)) {
      this.#subtrees.pop();
      added = { size: added.size * 2, hash: nodeHash(last.hash, added.hash) };
    }
    this.#subtrees.push(added);
    this.size += 1;
  }

  root(): Buffer {
    const hashes = this.#subtrees.map(({ hash }) => hash);
    const last = hashes.pop();
    return last === undefined ? emptyRoot() : hashes.reduceRight((right, left) => nodeHash(left, right), last);
  }
}
