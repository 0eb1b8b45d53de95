// An ID token that an app brings: issuer, audience, nonce, one use. The tokens are a real provider's, or forged.
import { createHash, generateKeyPairSync, randomUUID } from "node:crypto";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityRules } from "../rules.ts";
import { callback, ProviderRoom } from "../testing/provider-room.ts";
import { appTokens, otherClientId, providerClientId, providerClientSecret } from "../testing/real-provider.ts";
import { newEmail } from "../testing/start-identity.ts";

const room = new ProviderRoom();
beforeAll(() => room.begin());
afterAll(() => room.end());
beforeEach(() => {
  room.events.length = 0;
  room.provider.person = { sub: randomUUID(), email: newEmail(), email_verified: true };
});

const hashed = (nonce: string) => createHash("sha256").update(nonce).digest("hex");
const reasons = () => room.eventsNamed("provider.refused").map(({ reason }) => reason);
const bring = (fields: object, url = room.url, token?: string) =>
  room.call(
    "POST",
    "/token?grant_type=id_token",
    { body: { provider: "google", ...fields }, ...(token === undefined ? {} : { token }) },
    url,
  );
const twinUrl = async (rules: Partial<IdentityRules>) => room.listen(await room.twin({ ...room.options(), rules }));

test("an ID token of the policy's provider, for our client id, with its nonce signs in, once", async () => {
  const { id_token, access_token } = await appTokens(room.provider, callback, { nonce: hashed("n1") });
  const answers = await Promise.all(Array.from({ length: 20 }, () => bring({ id_token, access_token, nonce: "n1" })));
  const won = answers.filter(({ status }) => status === 200);
  expect(won).toHaveLength(1);
  expect(won[0]?.body.user).toMatchObject({ email: room.provider.person.email, app_metadata: { provider: "google" } });
  expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
    new Set(["bad_id_token"]),
  );
  expect(reasons()).toContain("token-spent");
  const url = await twinUrl({ mayRedeemAgain: () => true });
  expect((await bring({ id_token, nonce: "n1" }, url)).status, "the twin is caught").toBe(200);
});

test("OAU-07: a nonce that differs, is missing or is nobody's, and another application's token, are refused", async () => {
  const withNonce = await appTokens(room.provider, callback, { nonce: hashed("n1") });
  const without = await appTokens(room.provider, callback);
  const other = await appTokens(room.provider, callback, { clientId: otherClientId });
  expect((await bring({ id_token: withNonce.id_token, nonce: "n2" })).body.code).toBe("bad_id_token");
  expect((await bring({ id_token: withNonce.id_token, nonce: hashed("n1") })).body.code).toBe("bad_id_token");
  expect((await bring({ id_token: withNonce.id_token })).body.code).toBe("bad_id_token");
  expect((await bring({ id_token: without.id_token, nonce: "n1" })).body.code).toBe("bad_id_token");
  expect((await bring({ id_token: other.id_token })).body.code).toBe("unexpected_audience");
  expect(reasons()).toEqual(["nonce-wrong", "nonce-wrong", "nonce-wrong", "nonce-wrong", "audience-foreign"]);
  const careless = await twinUrl({ nonceHolds: () => true, acceptsAudience: () => true });
  expect((await bring({ id_token: withNonce.id_token }, careless)).status, "the twin is caught").toBe(200);
  expect((await bring({ id_token: other.id_token }, careless)).status, "the twin is caught").toBe(200);
});

test("CVE-2026-31813: no token chooses its issuer or its keys", async () => {
  const real = decodeJwt((await appTokens(room.provider, callback)).id_token);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const forge = (claims: object, header: object = {}) =>
    new SignJWT({ ...real, ...claims }).setProtectedHeader({ alg: "ES256", kid: "one", ...header }).sign(privateKey);
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from(JSON.stringify(real)).toString("base64url")}.`;
  const symmetric = await new SignJWT({ ...real })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(providerClientSecret));
  for (const id_token of [
    await forge({}),
    await forge({ iss: "https://evil.example" }),
    await forge({ iss: "https://appleid.apple.com" }),
    await forge({}, { jku: "https://evil.example/keys" }),
    unsigned,
    symmetric,
    "x.y.z",
    "x",
  ]) {
    expect((await bring({ id_token })).body.code, id_token).toBe("bad_id_token");
  }
  const { id_token } = await appTokens(room.provider, callback);
  expect((await bring({ id_token, issuer: "https://evil.example" })).body.code).toBe("bad_id_token");
  expect((await bring({ id_token, issuer: room.provider.issuer })).status).toBe(200);
});

test("an ID token that is old, or is for another access token, is refused", async () => {
  const { id_token } = await appTokens(room.provider, callback);
  const other = await appTokens(room.provider, callback);
  if (decodeJwt(id_token).at_hash !== undefined) {
    expect((await bring({ id_token, access_token: other.access_token })).body.code).toBe("bad_id_token");
  }
  room.pass(3601 + 30);
  expect((await bring({ id_token })).body.code).toBe("bad_id_token");
  expect(reasons()).toContain("token-expired");
  room.pass(-3631);
});

test("with link_identity the identity joins the account of whoever asks, and nobody else's", async () => {
  const { id, accessToken } = await room.person();
  room.pass(1);
  const first = await appTokens(room.provider, callback);
  const linked = await bring({ id_token: first.id_token, link_identity: true }, room.url, accessToken);
  expect(linked.body.user).toMatchObject({ id, app_metadata: { providers: ["email", "google"] } });
  const again = await appTokens(room.provider, callback, { nonce: hashed("again") });
  const other = await room.person();
  const refused = await bring(
    { id_token: again.id_token, nonce: "again", link_identity: true },
    room.url,
    other.accessToken,
  );
  expect([refused.status, refused.body.code]).toEqual([422, "identity_already_exists"]);
  const third = await appTokens(room.provider, callback, { nonce: hashed("third") });
  expect((await bring({ id_token: third.id_token, nonce: "third", link_identity: true })).body.code).toBe(
    "no_authorization",
  );
  expect((await bring({ id_token: third.id_token, nonce: "third" })).body.user.id, "signs in to that account").toBe(id);
});

test("a provider that the policy does not name, and one without ID tokens, take none", async () => {
  const { id_token } = await appTokens(room.provider, callback);
  expect((await bring({ id_token, provider: "nobody" })).body.code).toBe("oauth_provider_not_supported");
  expect((await bring({ id_token: "" })).body.code).toBe("validation_failed");
  expect(providerClientId).toBe(decodeJwt(id_token).aud);
});
