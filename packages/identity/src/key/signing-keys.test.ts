import { jwtVerify, SignJWT } from "jose";
import { expect, test } from "vitest";
import { openSigningKeys } from "./signing-keys.ts";

function vault() {
  const kept = new Map<string, string>();
  const secret = async (name: string, make: () => string) => {
    const value = kept.get(name) ?? make();
    kept.set(name, value);
    return value;
  };
  const replace = async (name: string, value: string) => void kept.set(name, value);
  return { kept, secret, replace };
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

test("no key's id begins as an option of a command does", async () => {
  const keys = await openSigningKeys(vault());
  const kids: string[] = [];
  for (let n = 0; n < 300; n += 1) {
    await keys.rotate(async ({ kid }) => void kids.push(kid));
    expect(keys.current().kid).not.toMatch(/^-/);
  }
  expect(kids).toHaveLength(300);
});

test("only the public part is published", async () => {
  const keys = await openSigningKeys(vault());
  for (const key of keys.published().keys) expect(key).not.toHaveProperty("d");
  expect(JSON.stringify(keys)).not.toContain('"d"');
});

test("a rotation makes a key that signs, keeps it, and believes the one before until it learns otherwise", async () => {
  const store = vault();
  const keys = await openSigningKeys(store);
  const before = keys.current();
  const { x } = keys.currentPublicKey();
  const announced: string[] = [];
  await keys.rotate(async (made, old) => {
    announced.push(made.kid, old.kid);
    expect(keys.current().kid, "announced before it signs").toBe(before.kid);
  });
  expect(announced).toEqual([keys.current().kid, before.kid]);
  expect(keys.published().keys.map(({ kid }) => kid)).toEqual(announced);
  expect(store.kept.get("identity-signing-key"), "the private key before is forgotten").not.toContain(x);
  expect((await openSigningKeys(store)).current().kid).toBe(keys.current().kid);
  const token = await new SignJWT({}).setProtectedHeader({ alg: "ES256" }).sign(before.privateKey);
  const verifier = keys.verifier(before.kid);
  if (verifier === undefined) throw new Error("not published");
  await expect(jwtVerify(token, verifier)).resolves.toBeDefined();
  const version = keys.version();
  await keys.learn([], new Set([before.kid]));
  expect(keys.verifier(before.kid)).toBeUndefined();
  expect(keys.published().keys.map(({ kid }) => kid)).toEqual([keys.current().kid]);
  expect(keys.version()).toBeGreaterThan(version);
  expect(keys.verifier("other")).toBeUndefined();
});

test("a rotation that cannot be announced or kept changes nothing", async () => {
  const fail = async () => {
    throw new Error("no");
  };
  const keys = await openSigningKeys(vault());
  const { kid } = keys.current();
  await expect(keys.rotate(fail)).rejects.toThrow("no");
  const unwritable = await openSigningKeys({ ...vault(), replace: fail });
  const other = unwritable.current().kid;
  await expect(unwritable.rotate(async () => undefined)).rejects.toThrow("no");
  expect([keys.current().kid, unwritable.current().kid]).toEqual([kid, other]);
});

test("a current key that is refused verifies nothing", async () => {
  const keys = await openSigningKeys(vault());
  const { kid } = keys.current();
  await keys.learn([], new Set([kid]));
  expect(keys.verifier(kid)).toBeUndefined();
  expect(keys.published().keys).toEqual([]);
});

test("a damaged root secret refuses to open", async () => {
  const store = vault();
  store.kept.set("identity-root-key", "c2hvcnQ");
  await expect(openSigningKeys(store)).rejects.toThrow(/32 bytes/);
});
