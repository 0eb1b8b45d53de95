import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkpointSigner } from "./checkpoint.ts";
import { inclusionProof, leafHash, rootOver } from "./merkle-tree.ts";
import { proofFiles } from "./proof-files.ts";
import { sidesOf } from "./prove-row.ts";

const run = promisify(execFile);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-proof-"));
  const entries = Array.from({ length: 11 }, (_, at) => `{"at": ${at}, "word": "\u00e4"}`);
  const hashes = entries.map(leafHash);
  const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const signer = checkpointSigner("holdfast-audit/content", pem);
  const reader = { read: async (_: number, from: number, count: number) => hashes.slice(from, from + count) };
  const leaves = await Promise.all(
    [0, 5, 10].map(async (position) => {
      const sides = sidesOf(position, entries.length);
      const proof = await inclusionProof(reader, position, entries.length);
      const path = proof.map((hash, at) => ({ side: sides[at] ?? "left", hash: hash.toString("hex") }));
      return { position, entry: entries[position] ?? "", hash: "", path, holds: true };
    }),
  );
  const checkpoint = signer.sign({ size: entries.length, root: rootOver(hashes), forks: [] });
  const files = proofFiles({ checkpoint, publicKeyPem: signer.publicKeyPem, leaves });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

const verify = () => run("bash", [join(folder, "verify.sh")]);

test("a proof is verified with bash, openssl and sha256sum alone", async () => {
  const { stdout } = await verify();
  expect(stdout.trim().split("\n").slice(1)).toEqual(
    [0, 10, 5].map((position) => `leaf-${position}.json: in the tree`),
  );
});

test("a leaf of which a byte was changed, and a checkpoint that was, are refused by it", async () => {
  await writeFile(join(folder, "leaf-5.json"), `{"at": 6, "word": "\u00e4"}`);
  await expect(verify()).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining("leaf-5.json: not in the tree"),
  });
  const note = await readFile(join(folder, "checkpoint"), "utf8");
  await writeFile(join(folder, "checkpoint"), note.replace("\n11\n", "\n12\n"));
  await expect(verify()).rejects.toMatchObject({ code: 1 });
});
