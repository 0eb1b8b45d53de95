import { expect, test } from "vitest";
import { VerifiedTokens } from "./verified-tokens.ts";

const ISSUER = "https://localhost:8443/auth/v1";
const claims = { iss: ISSUER, sub: "somebody", exp: 2_000 };

test("what was verified is remembered by its exact text, its key, its issuer and its time, and by nothing less", () => {
  const tokens = new VerifiedTokens<typeof claims & { nbf?: number }>();
  const key = {};
  const find = (text: string, issuer = ISSUER, keyOf: (kid: string) => object | undefined = () => key, now = 1_000) =>
    tokens.find(text, issuer, keyOf, now)?.sub;
  expect(find("a.b.c")).toBeUndefined();
  const keep = (): void => tokens.keep("a.b.c", "k1", key, { ...claims });
  keep();
  expect(find("a.b.c")).toBe("somebody");
  expect(find("a.b.C")).toBeUndefined();
  expect(find("a.b.c ")).toBeUndefined();
  // What is wrong once is forgotten.
  for (const wrong of [
    () => find("a.b.c", "https://elsewhere.example"),
    () => find("a.b.c", ISSUER, () => undefined),
    () => find("a.b.c", ISSUER, () => ({})),
    () => find("a.b.c", ISSUER, () => key, 2_000),
  ]) {
    keep();
    expect(wrong()).toBeUndefined();
    expect(find("a.b.c")).toBeUndefined();
  }
  tokens.keep("a.b.c", "k1", key, { ...claims, nbf: 1_001 });
  expect(find("a.b.c")).toBeUndefined();
});

test("the token verified longest ago is forgotten first, and what is remembered cannot be changed", () => {
  const tokens = new VerifiedTokens<typeof claims>();
  const key = {};
  for (let count = 0; count <= 2_000; count += 1) tokens.keep(`t${count}`, "k1", key, { ...claims });
  expect(tokens.find("t0", ISSUER, () => key, 1_000)).toBeUndefined();
  expect(tokens.find("t1", ISSUER, () => key, 1_000)).toEqual(claims);
  expect(Object.isFrozen(tokens.find("t2000", ISSUER, () => key, 1_000))).toBe(true);
});
