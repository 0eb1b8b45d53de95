import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { claimProof, paddedKeys } from "./claim-proof.ts";
import { claimsMessage } from "./claims-message.ts";

const sha256 = (...parts: Buffer[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

test("the padded keys make the HMAC that every other implementation makes", () => {
  for (const key of ["k".repeat(32), "Jefe-Jefe-Jefe-Jefe-Jefe-Jefe-Je", "long ".repeat(40), "ä".repeat(32)]) {
    const { inner, outer } = paddedKeys({ id: "x", key });
    for (const text of ["", "what do ya want for nothing?", "x".repeat(1_000)]) {
      const own = sha256(outer, sha256(inner, Buffer.from(text))).toString("hex");
      expect(own).toBe(createHmac("sha256", key).update(text).digest("hex"));
    }
  }
});

test("a proof names its scope and changes with every part of it", () => {
  const key = { id: "k1", key: "x".repeat(43) };
  const scope = { backendPid: 7, role: "authenticated", subject: "s", session: "t", expiresAt: 5_000 } as const;
  const proof = claimProof(key, "{}", scope);
  expect(proof).toMatch(/^k1\.5\.s\.t\|[0-9a-f]{64}$/);
  const others = [
    claimProof({ ...key, id: "k2" }, "{}", scope),
    claimProof({ ...key, key: "y".repeat(43) }, "{}", scope),
    claimProof(key, "{ }", scope),
    claimProof(key, "{}", { ...scope, backendPid: 8 }),
    claimProof(key, "{}", { ...scope, role: "anon" }),
    claimProof(key, "{}", { ...scope, subject: "t" }),
    claimProof(key, "{}", { ...scope, session: "u" }),
    claimProof(key, "{}", { ...scope, expiresAt: 6_000 }),
  ];
  expect(new Set([proof, ...others].map((text) => text.split("|")[1])).size).toBe(9);
});

test("the message has the bytes of Bind and Execute", () => {
  const bytes = claimsMessage("s", ["ä", ""]);
  expect(bytes.toString("latin1")).toBe(
    "B\0\0\0\x17" + "\0s\0" + "\0\0" + "\0\x02" + "\0\0\0\x02\xc3\xa4" + "\0\0\0\0" + "\0\0" + "E\0\0\0\x09\0\0\0\0\0",
  );
});
