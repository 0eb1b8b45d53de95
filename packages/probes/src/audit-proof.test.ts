import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { type AuditProof, faultOf } from "./audit-proof.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const hash = (...parts: readonly Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();
const [left, right] = ["one", "two"].map((entry) => hash(Buffer.of(0), Buffer.from(entry))) as [Buffer, Buffer];
const text = `log\n2\n${hash(Buffer.of(1), left, right).toString("base64")}\n`;
const signature = Buffer.concat([Buffer.alloc(4), sign(null, Buffer.from(text), privateKey)]).toString("base64");
const proof: AuditProof = {
  checkpoint: `${text}\n\u2014 log ${signature}\n`,
  publicKeyPem: publicKey.export({ type: "spki", format: "pem" }).toString(),
  leaves: [
    { entry: "one", path: [{ side: "right", hash: right.toString("hex") }] },
    { entry: "two", path: [{ side: "left", hash: left.toString("hex") }] },
  ],
};

test("a proof holds; with another leaf, side or size, and without a leaf, it does not", () => {
  expect(faultOf(proof)).toBeUndefined();
  const [first, second] = proof.leaves as [AuditProof["leaves"][0], AuditProof["leaves"][0]];
  expect(faultOf({ ...proof, leaves: [first, { ...second, entry: "three" }] })).toContain("does not lead");
  expect(faultOf({ ...proof, leaves: [{ ...first, path: second.path }] })).toContain("does not lead");
  expect(faultOf({ ...proof, checkpoint: proof.checkpoint.replace("\n2\n", "\n3\n") })).toContain("not signed");
  expect(faultOf({ ...proof, leaves: [] })).toBe("there is no leaf");
});
