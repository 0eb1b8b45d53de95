import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkpointSigner } from "./checkpoint.ts";
import {
  consistencyProof,
  GrowingRoot,
  type HashReader,
  inclusionProof,
  leafHash,
  rootOf,
  rootOver,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-tree.ts";
import { sidesOf } from "./prove-row.ts";

const leavesOf = (size: number): readonly Buffer[] => Array.from({ length: size }, (_, at) => leafHash(`leaf ${at}`));

/** Hashes as the database stores them, out of all leaves. */
const readerOf = (leaves: readonly Buffer[]): HashReader => ({
  read: async (level, from, count) =>
    Array.from({ length: count }, (_, at) => {
      const size = 256 ** level;
      return rootOver(leaves.slice((from + at) * size, (from + at + 1) * size));
    }),
});

const rootAt = (leaves: readonly Buffer[], size: number): Buffer => rootOver(leaves.slice(0, size));
const sizes = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(255, 256, 257, 511, 512, 600, 1024, 1025));

/** The same bytes with one bit turned. */
const turned = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  const at = bit % (copy.length * 8);
  copy.writeUInt8(copy.readUInt8(at >> 3) ^ (1 << (at & 7)), at >> 3);
  return copy;
};

test("the root is RFC 6962's", () => {
  expect(rootOver([]).toString("hex")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // Test vectors of certificate transparency (google/certificate-transparency, merkletree tests): an empty leaf, and two leaves.
  expect(leafHash("").toString("hex")).toBe("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  expect(rootOver([leafHash(""), leafHash("\0")]).toString("hex")).toBe(
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  );
});

test("every leaf of every tree of up to 130 leaves is proven, and every tree consistent with every earlier one", async () => {
  const all = leavesOf(130);
  const reader = readerOf(all);
  const growing = new GrowingRoot();
  for (let size = 1; size <= all.length; size += 1) {
    growing.add(all[size - 1] as Buffer);
    const root = rootAt(all, size);
    expect(growing.root()).toEqual(root);
    expect(await rootOf(reader, 0, size)).toEqual(root);
    const step = size < 40 ? 1 : 7;
    for (let position = 0; position < size; position += step) {
      const proof = await inclusionProof(reader, position, size);
      expect(sidesOf(position, size)).toHaveLength(proof.length);
      expect(verifyInclusion(proof, { hash: all[position] as Buffer, position }, { size, root })).toBe(true);
      const earlier = position + 1;
      const consistent = await consistencyProof(reader, earlier, size);
      expect(verifyConsistency(consistent, { size: earlier, root: rootAt(all, earlier) }, { size, root })).toBe(true);
    }
  }
});

test("a proof in which one bit was turned, or of another place, size or leaf, is refused", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), fc.nat(), async (size, seed, bit, which) => {
      const all = leavesOf(size);
      const position = seed % size;
      const root = rootAt(all, size);
      const hash = all[position] as Buffer;
      const proof = await inclusionProof(readerOf(all), position, size);
      expect(verifyInclusion(proof, { hash, position }, { size, root })).toBe(true);
      expect(verifyInclusion(proof, { hash: turned(hash, bit), position }, { size, root })).toBe(false);
      expect(verifyInclusion(proof, { hash, position }, { size, root: turned(root, bit) })).toBe(false);
      expect(verifyInclusion([...proof, root], { hash, position }, { size, root })).toBe(false);
      for (const other of [position - 1, position + 1, position + size])
        expect(verifyInclusion(proof, { hash, position: other }, { size, root })).toBe(false);
      if (proof.length === 0) return;
      const at = which % proof.length;
      const damaged = proof.map((sibling, index) => (index === at ? turned(sibling, bit) : sibling));
      expect(verifyInclusion(damaged, { hash, position }, { size, root })).toBe(false);
      expect(verifyInclusion(proof.slice(1), { hash, position }, { size, root })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("a tree that is not a continuation of the earlier one is refused, whatever leaf of it was changed", async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, seed, which) => {
      const all = leavesOf(size);
      const earlier = 1 + (seed % size);
      const forked = all.map((leaf, at) => (at === which % earlier ? leafHash("another") : leaf));
      const [old, now] = [rootAt(all, earlier), rootAt(forked, size)];
      const proof = await consistencyProof(readerOf(forked), earlier, size);
      expect(verifyConsistency(proof, { size: earlier, root: old }, { size, root: now })).toBe(false);
      const honest = await consistencyProof(readerOf(all), earlier, size);
      const later = { size, root: rootAt(all, size) };
      expect(verifyConsistency(honest, { size: earlier, root: old }, later)).toBe(true);
      expect(verifyConsistency(honest, { size: earlier, root: turned(old, which) }, later)).toBe(false);
      if (size > earlier) expect(verifyConsistency(honest, later, { size: earlier, root: old })).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test("a checkpoint is read by its log alone, and not when anything in it was changed", () => {
  const keyOf = () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const key = keyOf();
  const signer = checkpointSigner("localhost/content/audit", key);
  const root = leafHash("x");
  const forks = [{ size: 4, evidence: "ab".repeat(32) }];
  const plain = signer.sign({ size: 7, root, forks: [] });
  expect(signer.open(plain)).toEqual({ origin: "localhost/content/audit", size: 7, root, forks: [] });
  const note = signer.sign({ size: 7, root, forks });
  expect(signer.open(note)).toEqual({ origin: "localhost/content/audit", size: 7, root, forks });
  // A statement is no checkpoint, nor a checkpoint a statement.
  const statement = signer.signStatement("7", { root: "x" });
  expect([signer.openStatement("7", statement), signer.openStatement("8", statement)]).toEqual([
    { root: "x" },
    undefined,
  ]);
  expect(signer.open(statement)).toBeUndefined();
  expect(checkpointSigner("localhost/other/audit", key).open(note)).toBeUndefined();
  expect(checkpointSigner("localhost/content/audit", keyOf()).open(note)).toBeUndefined();
  expect(signer.open(note.replace("\n7\n", "\n8\n"))).toBeUndefined();
  fc.assert(
    fc.property(fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (seed, character) => {
      const at = seed % (note.length - 1);
      const changed = note.slice(0, at) + character + note.slice(at + 1);
      // The last character of a base64 text may have spare bits: then it is another text of the same signature.
      const opened = signer.open(changed);
      if (opened !== undefined) expect([opened.size, opened.root]).toEqual([7, root]);
    }),
    { numRuns: 400 },
  );
});
