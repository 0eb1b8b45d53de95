import { exportJWK, generateKeyPair, type JSONWebKeySet } from "jose";
import { expect, test } from "vitest";
import { ISSUER } from "./testing/example-policy.ts";
import { type TestIssuer, testIssuer } from "./testing/tokens.ts";
import { createTokenVerifier, type TokenVerifier } from "./token-verifier.ts";

const LIFETIME_SECONDS = 600;

interface Setting {
  readonly clock: { now: number };
  readonly issuer: TestIssuer;
  /** What identity publishes; null: it does not answer. */
  published: JSONWebKeySet | null;
  asked: number;
  readonly verifier: TokenVerifier;
}

async function setting(): Promise<Setting> {
  const clock = { now: 1_800_000_000_000 };
  const issuer = await testIssuer(ISSUER, () => clock.now);
  const state = { clock, issuer, published: await issuer.jwks(), asked: 0 } as {
    -readonly [Key in keyof Setting]: Setting[Key];
  };
  state.verifier = createTokenVerifier({
    issuer: ISSUER,
    lifetimeSecondsMax: LIFETIME_SECONDS,
    now: () => clock.now,
    jwks: () => {
      state.asked += 1;
      if (state.published === null) throw new Error("down");
      return state.published;
    },
  });
  return state;
}

test("a verified token is remembered for thirty seconds and no longer", async () => {
  const { verifier, issuer, clock } = await setting();
  const token = await issuer.token();
  expect(verifier.remembered(token)).toBeUndefined();
  await verifier.verify(token);
  clock.now += 29_999;
  expect(verifier.remembered(token)?.kind).toBe("verified");
  clock.now += 1;
  expect(verifier.remembered(token)).toBeUndefined();
});

test("a key that is withdrawn is believed no longer, from the moment the key set changes, and a new one is known at once", async () => {
  const { issuer, clock } = await setting();
  const other = await testIssuer(ISSUER, () => clock.now);
  let keys: JSONWebKeySet["keys"] = (await issuer.jwks()).keys;
  let version = 1;
  const lifetimeSecondsMax = LIFETIME_SECONDS;
  const common = { issuer: ISSUER, lifetimeSecondsMax, now: () => clock.now, jwks: () => ({ keys }) };
  const told = createTokenVerifier({ ...common, keySetVersion: () => version });
  const untold = createTokenVerifier(common);
  const token = await issuer.token();
  for (const verifier of [told, untold]) expect((await verifier.verify(token)).kind).toBe("verified");
  const [made] = (await other.jwks()).keys;
  keys = [{ ...made, kid: "next" }] as JSONWebKeySet["keys"];
  version += 1;
  expect(told.remembered(token)).toBeUndefined();
  expect(await told.verify(token)).toEqual({ kind: "refused", reason: "unknown-key" });
  expect((await told.verify(await other.token({ header: { kid: "next" } }))).kind).toBe("verified");
  // Who is not told believes what it remembers: this is what the version is for.
  expect(untold.remembered(token)?.kind).toBe("verified");
});

test("nothing is believed while it cannot be told what was called back, and nothing is forgotten by it", async () => {
  const { issuer, clock } = await setting();
  let isKnown = true;
  const verifier = createTokenVerifier({
    issuer: ISSUER,
    lifetimeSecondsMax: LIFETIME_SECONDS,
    now: () => clock.now,
    jwks: () => issuer.jwks(),
    areRevocationsKnown: () => isKnown,
  });
  const token = await issuer.token();
  await verifier.verify(token);
  isKnown = false;
  expect(verifier.remembered(token)).toBeUndefined();
  expect(await verifier.verify(token)).toEqual({ kind: "refused", reason: "revocations-unknown" });
  isKnown = true;
  expect(verifier.remembered(token)?.kind).toBe("verified");
});

test("a refused token is not remembered, nor is another spelling of one that was verified", async () => {
  const { verifier, issuer } = await setting();
  const token = await issuer.token();
  await verifier.verify(token);
  const edited = `${token.slice(0, -1)}${token.endsWith("A") ? "Q" : "A"}`;
  expect((await verifier.verify(edited)).kind).toBe("refused");
  expect(verifier.remembered(edited)).toBeUndefined();
  expect(verifier.remembered(`${token}=`)).toBeUndefined();
});

test("what was presented last on a connection is a shortcut for the same text only", async () => {
  const { verifier, issuer } = await setting();
  const [one, other] = [await issuer.token(), await issuer.token()];
  await verifier.verify(one);
  const last = { text: "", digest: "" };
  expect(verifier.remembered(one, last)?.kind).toBe("verified");
  expect(verifier.remembered(one, last)?.kind).toBe("verified");
  expect(verifier.remembered(other, last)).toBeUndefined();
  expect(verifier.remembered(one, last)).toBe(verifier.remembered(one));
});

test("an unknown key is looked for, but a flood of unknown keys asks identity once per two seconds", async () => {
  const state = await setting();
  const token = await state.issuer.token();
  expect((await state.verifier.verify(token)).kind).toBe("verified");
  state.clock.now += 2_000;
  for (let time = 0; time < 50; time += 1)
    await state.verifier.verify(await state.issuer.token({ header: { kid: `k${time}` } }));
  expect(state.asked).toBe(2);
});

test("a new key of identity's is found, and a withdrawn one is believed for a minute at most", async () => {
  const state = await setting();
  const next = await testIssuer(ISSUER, () => state.clock.now);
  await state.verifier.verify(await state.issuer.token());
  const [jwk] = (await next.jwks()).keys;
  state.published = { keys: [{ ...jwk, kid: "next" }] as JSONWebKeySet["keys"] };
  state.clock.now += 60_000;
  expect(await state.verifier.verify(await state.issuer.token())).toEqual({ kind: "refused", reason: "unknown-key" });
  state.clock.now += 2_000;
  expect((await state.verifier.verify(await next.token({ header: { kid: "next" } }))).kind).toBe("verified");
});

test("while identity does not answer, its keys are believed for a minute, then nothing is", async () => {
  const state = await setting();
  await state.verifier.verify(await state.issuer.token());
  state.published = null;
  state.clock.now += 59_000;
  expect((await state.verifier.verify(await state.issuer.token())).kind).toBe("verified");
  state.clock.now += 1_000;
  await expect(state.verifier.verify(await state.issuer.token())).rejects.toThrow("down");
  expect(await state.verifier.verify(await state.issuer.token())).toEqual({ kind: "refused", reason: "unknown-key" });
});

test("a key for encryption, of another curve or of another algorithm is no key of ours", async () => {
  const state = await setting();
  const [jwk] = (await state.issuer.jwks()).keys;
  const { publicKey } = await generateKeyPair("ES384", { extractable: true });
  const other = { ...(await exportJWK(publicKey)), kid: "test-key" };
  for (const key of [{ ...jwk, use: "enc" }, { ...jwk, alg: "ECDH-ES" }, other]) {
    state.published = { keys: [key] as JSONWebKeySet["keys"] };
    state.clock.now += 120_000;
    expect(await state.verifier.verify(await state.issuer.token())).toEqual({ kind: "refused", reason: "unknown-key" });
  }
});
