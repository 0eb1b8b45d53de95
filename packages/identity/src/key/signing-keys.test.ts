import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { openSigningKeys } from "./signing-keys.ts";

function vault() {
  const kept = new Map<string, string>();
  const secret = async (name: string, make: () => string) => {
    const value = kept.get(name) ?? make();
    kept.set(name, value);
    return value;
  };
  return { kept, secret };
}

test("keys are made once and are the same after a restart", async () => {
  const store = vault();
  const one = await openSigningKeys(store);
  const two = await openSigningKeys(store);
  expect(two.current().kid).toBe(one.current().kid);
  expect(two.derive("refresh-token")).toEqual(one.derive("refresh-token"));
  expect(one.derive("factor-secret")).not.toEqual(one.derive("refresh-token"));
  expect((await openSigningKeys(vault())).current().kid).not.toBe(one.current().kid);
});

test("only the public part is published", async () => {
  const keys = await openSigningKeys(vault());
  for (const key of keys.published().keys) expect(key).not.toHaveProperty("d");
  expect(JSON.stringify(keys)).not.toContain('"d"');
});

test("tokens of a retired key are still verified, and nothing is signed with it", async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = await openSigningKeys(vault(), [JSON.stringify(await exportJWK(privateKey))]);
  const [current, retired] = keys.published().keys;
  expect(keys.current().kid).toBe(current?.kid);
  expect(keys.published().keys).toHaveLength(2);
  expect(retired).not.toHaveProperty("d");
  const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).sign(privateKey);
  const verifier = keys.verifier(retired?.kid ?? "");
  if (verifier === undefined) throw new Error("not published");
  await expect(jwtVerify(token, verifier)).resolves.toBeDefined();
  expect(keys.verifier("other")).toBeUndefined();
});

test("a damaged root secret refuses to open", async () => {
  const store = vault();
  store.kept.set("identity-root-key", "c2hvcnQ");
  await expect(openSigningKeys(store)).rejects.toThrow(/32 bytes/);
});
