import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isGenuine, readRefreshToken, refreshSaltBytes, writeRefreshToken } from "./refresh-token.ts";

const root = randomBytes(32);
const salt = randomBytes(refreshSaltBytes);

test("a token reads back as what it was written from, and only its own keys find it genuine", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.nat(2 ** 31 - 1), (sessionId, counter) => {
      const claim = readRefreshToken(writeRefreshToken(root, salt, sessionId, counter));
      if (claim === null) throw new Error("unreadable");
      expect(claim).toMatchObject({ sessionId, counter });
      expect(isGenuine(claim, root, salt)).toBe(true);
      expect(isGenuine(claim, randomBytes(32), salt)).toBe(false);
      expect(isGenuine(claim, root, randomBytes(refreshSaltBytes))).toBe(false);
      expect(isGenuine({ ...claim, sessionId: randomUUID() }, root, salt)).toBe(false);
    }),
  );
});

test("no change of a single bit leaves a token genuine", () => {
  const bytes = Buffer.from(writeRefreshToken(root, salt, randomUUID(), 7), "base64url");
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const claim = readRefreshToken(copy.toString("base64url"));
    expect(claim !== null && isGenuine(claim, root, salt)).toBe(false);
  }
});

test("any other text is no token, and reading it never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String({ minLength: 48, maxLength: 52 })), (text) => {
      const claim = readRefreshToken(text);
      expect(claim !== null && isGenuine(claim, root, salt)).toBe(false);
    }),
  );
});

test("ten thousand tokens of ten thousand sessions are all different", () => {
  const tokens = new Set(Array.from({ length: 10_000 }, () => writeRefreshToken(root, salt, randomUUID(), 0)));
  expect(tokens.size).toBe(10_000);
});
