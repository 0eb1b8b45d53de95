import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointSigner } from "./checkpoint.ts";
import { growthFiles } from "./growth-files.ts";
import { consistencyProof, leafHash, rootOver, verifyConsistency } from "./merkle-tree.ts";

const run = promisify(execFile);
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const signer = checkpointSigner("holdfast-audit/content", pem);
/** Test vectors of certificate transparency (RFC 6962; merkletree tests of google/certificate-transparency). */
const vectors = {
  leaves: ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"],
  roots: {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  },
  proofs: [
    {
      sizes: [1, 8],
      hashes: [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
      ],
    },
    {
      sizes: [6, 8],
      hashes: [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      ],
    },
    {
      sizes: [2, 5],
      hashes: [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      ],
    },
  ],
} as const;

const leaves = vectors.leaves.map((hex) => leafHash(Buffer.from(hex, "hex").toString("latin1")));
const reader = { read: async (_: number, from: number, count: number) => leaves.slice(from, from + count) };
const rootAt = (size: number): Buffer => rootOver(leaves.slice(0, size));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-growth-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** As somebody who has bash, openssl and sha256sum. */
async function script(
  earlier: number,
  later: number,
  proof: readonly string[],
  root = rootAt(earlier),
): Promise<boolean> {
  const files = growthFiles({
    earlier: signer.sign({ size: earlier, root, forks: [] }),
    later: signer.sign({ size: later, root: rootAt(later), forks: [] }),
    publicKeyPem: signer.publicKeyPem,
    proof,
    holds: true,
  });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return run("bash", [join(folder, "verify.sh")]).then(
    ({ stdout }) => stdout.includes("later: only adds to earlier"),
    () => false,
  );
}

test("roots and proofs are those of the RFC's test vectors, and the script that third parties run takes them", async () => {
  for (const [size, root] of Object.entries(vectors.roots)) expect(rootAt(Number(size)).toString("hex")).toBe(root);
  for (const { sizes, hashes } of vectors.proofs) {
    const [earlier, later] = sizes;
    const proof = await consistencyProof(reader, earlier, later);
    expect(proof.map((hash) => hash.toString("hex"))).toEqual(hashes);
    const [old, now] = [
      { size: earlier, root: rootAt(earlier) },
      { size: later, root: rootAt(later) },
    ];
    expect(verifyConsistency(proof, old, now)).toBe(true);
    expect(await script(earlier, later, hashes)).toBe(true);
  }
});

test("what we refuse, the script refuses: another root, a proof cut short, turned round or too long, a smaller tree", async () => {
  const proof = (await consistencyProof(reader, 3, 7)).map((hash) => hash.toString("hex"));
  expect(await script(3, 7, proof)).toBe(true);
  expect(await script(4, 4, [])).toBe(true);
  expect(await script(3, 7, proof, rootAt(2))).toBe(false);
  for (const wrong of [proof.slice(1), proof.toReversed(), [...proof, proof[0] ?? ""], []]) {
    expect(await script(3, 7, wrong)).toBe(false);
    const hashes = wrong.map((hash) => Buffer.from(hash, "hex"));
    expect(verifyConsistency(hashes, { size: 3, root: rootAt(3) }, { size: 7, root: rootAt(7) })).toBe(false);
  }
  expect(await script(7, 3, proof)).toBe(false);
});
