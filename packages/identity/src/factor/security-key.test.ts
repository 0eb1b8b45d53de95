// A security key as second factor, in pairs.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityRules } from "../rules.ts";
import { addPasskey, enrolKey, keyPerson, newAuthenticator, proveKey } from "../testing/passkey-room.ts";
import type { Lies } from "../testing/software-authenticator.ts";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";
import { codeAt } from "./totp.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const twin = async (rules: Partial<IdentityRules>) => await room.listen(await room.twin({ rules }));

test("a key is enrolled by its first signature, which ends the other sessions at aal1; the next ones lift a session", async () => {
  const person = await room.person();
  const other = (await room.signIn(person.email)).body.refresh_token;
  const authenticator = newAuthenticator();
  const factorId = await enrolKey(room, person.accessToken);
  const first = await proveKey(room, person.accessToken, factorId, authenticator);
  expect(decodeJwt(first.body.access_token)).toMatchObject({
    aal: "aal2",
    amr: [{ method: "mfa/webauthn" }, { method: "password" }],
  });
  expect(first.body.user.factors).toMatchObject([{ id: factorId, factor_type: "webauthn", status: "verified" }]);
  expect((await room.refresh(other)).status).toBe(400);
  expect((await room.refresh(person.refreshToken)).body.code, "the token of aal1 never yields aal2").toBe(
    "refresh_token_already_used",
  );
  const again = (await room.signIn(person.email)).body;
  expect(decodeJwt(again.access_token).aal).toBe("aal1");
  const lifted = await proveKey(room, again.access_token, factorId, authenticator);
  expect(decodeJwt(lifted.body.access_token).aal).toBe("aal2");
  expect(room.eventsNamed("factor.verified")).toMatchObject([
    { reason: "webauthn", detail: { first: true } },
    { reason: "webauthn", detail: { first: false } },
  ]);
});

test("presence is enough for a second factor: the password came before it", async () => {
  const { email, factorId, authenticator } = await keyPerson(room);
  const token = (await room.signIn(email)).body.access_token;
  expect((await proveKey(room, token, factorId, authenticator, { userVerified: false })).status).toBe(200);
});

test("an enrolment that somebody stronger began is not finished at aal1, nor by a session of long ago", async () => {
  const guarded = await room.guardedPerson();
  const thief = (await room.signIn(guarded.email)).body.access_token;
  const begun = await enrolKey(room, guarded.accessToken);
  expect((await proveKey(room, thief, begun, newAuthenticator())).body.code).toBe("insufficient_aal");
  expect(room.eventsNamed("edge.access-refused").at(-1)).toMatchObject({ reason: "insufficient_aal" });
  const careless = await twin({ mayChangeCredentials: () => true });
  const lifted = await proveKey(room, thief, begun, newAuthenticator(), {}, careless);
  expect(decodeJwt(lifted.body.access_token).aal, "the twin is caught").toBe("aal2");

  const person = await room.person();
  room.pass(16 * 60);
  const old = (await room.refresh(person.refreshToken)).body.access_token;
  const factorId = await enrolKey(room, (await room.signIn(person.email)).body.access_token);
  expect((await proveKey(room, old, factorId, newAuthenticator())).body.code).toBe("reauthentication_needed");
});

const lies: readonly (readonly [string, Lies, string])[] = [
  ["another origin", { origin: "https://evil.example" }, "wrong-origin"],
  ["another relying party", { rpId: "evil.example" }, "wrong-relying-party"],
  ["a frame of another site", { crossOrigin: true }, "cross-origin"],
  ["an invented challenge", { challenge: Buffer.alloc(32).toString("base64url") }, "challenge-expired"],
  ["a counter that was reset", { signCount: 1 }, "counter-regressed"],
];

test.each(lies)("a key's answer with %s is refused and recorded", async (_, lie, reason) => {
  const { email, factorId, authenticator } = await keyPerson(room);
  const token = (await room.signIn(email)).body.access_token;
  const refused = await proveKey(room, token, factorId, authenticator, lie);
  expect(refused.status).toBe(422);
  expect(refused.body.code).toMatch(/mfa_(verification_failed|challenge_expired)/);
  expect(room.eventsNamed("factor.failed").at(-1)).toMatchObject({ reason });
});

test.each(["another account's key", "another account's passkey"] as const)(
  "%s passes nobody else's factor, and a twin that does not ask whose it is is caught",
  async (kind) => {
    const victim = await keyPerson(room);
    const thief = await room.person();
    const authenticator = newAuthenticator();
    if (kind === "another account's passkey") await addPasskey(room, thief.accessToken, authenticator);
    else await proveKey(room, thief.accessToken, await enrolKey(room, thief.accessToken), authenticator);
    const token = (await room.signIn(victim.email)).body.access_token;
    const refused = await proveKey(room, token, victim.factorId, authenticator);
    expect(refused).toMatchObject({ status: 422, body: { code: "mfa_verification_failed" } });
    expect(room.eventsNamed("factor.failed").at(-1)).toMatchObject({ reason: "foreign-credential" });
    const careless = await twin({ ownsCredential: () => true });
    expect((await proveKey(room, token, victim.factorId, authenticator, {}, careless)).status).toBe(200);
  },
);

async function replay(url = room.url) {
  const { email, factorId, authenticator } = await keyPerson(room);
  const one = (await room.signIn(email)).body.access_token;
  const begun = await room.call("POST", `/factors/${factorId}/challenge`, { token: one, body: {} }, url);
  const signed = authenticator.get(begun.body.webauthn.credential_options.publicKey);
  const body = { challenge_id: begun.body.id, webauthn: { type: "request", credential_response: signed } };
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => room.call("POST", `/factors/${factorId}/verify`, { token: one, body }, url)),
  );
  const other = (await room.signIn(email)).body.access_token;
  const elsewhere = await room.call("POST", `/factors/${factorId}/verify`, { token: other, body }, url);
  return { winners: answers.filter(({ status }) => status === 200).length, elsewhere: elsewhere.status };
}

test("a signature is good once and in its own session", async () => {
  expect(await replay()).toEqual({ winners: 1, elsewhere: 422 });
});

test("a twin that accepts spent challenges and does not count is caught by the same replay", async () => {
  const url = await twin({ mayRedeemAgain: () => true, signCountBound: () => 4_294_967_296 });
  expect((await replay(url)).winners).toBeGreaterThan(1);
});

test("a wrong kind of answer, an enrolment of long ago, and a type that the policy has off", async () => {
  const { accessToken } = await room.person();
  const factorId = await enrolKey(room, accessToken);
  const id = "00000000-0000-4000-8000-000000000000";
  const verify = (body: object) => room.call("POST", `/factors/${factorId}/verify`, { token: accessToken, body });
  expect((await verify({ challenge_id: id, code: "123456" })).body.code).toBe("validation_failed");
  const signed = newAuthenticator().create({ challenge: "AA", rp: {}, user: { id: "AA" } });
  const request = { challenge_id: id, webauthn: { type: "request", credential_response: signed } };
  expect((await verify(request)).body.code).toBe("validation_failed");
  room.pass(300);
  expect((await room.call("POST", `/factors/${factorId}/challenge`, { token: accessToken, body: {} })).body.code).toBe(
    "mfa_factor_not_found",
  );
  await room.identity.sweep();
  expect((await room.call("GET", "/user", { token: accessToken })).body.factors).toBeUndefined();
  const factors = { ...testPolicy.identity.factors, webauthn: false, totp: false };
  const policy = { ...testPolicy, identity: { ...testPolicy.identity, factors } };
  const url = await room.listen(await room.twin({ policy }));
  const enrol = (type: string) =>
    room.call("POST", "/factors", { token: accessToken, body: { factor_type: type } }, url);
  expect((await enrol("webauthn")).body.code).toBe("mfa_webauthn_enroll_not_enabled");
  const key = await keyPerson(room);
  expect((await proveKey(room, key.accessToken, key.factorId, key.authenticator, {}, url)).body.code).toBe(
    "mfa_webauthn_verify_not_enabled",
  );
  const guarded = await room.guardedPerson();
  const asked = await room.call("POST", `/factors/${guarded.factorId}/challenge`, { token: guarded.accessToken }, url);
  expect(asked.body.code).toBe("mfa_totp_verify_not_enabled");
});

test("guessing at any factor counts against the account: a key is locked with the codes", async () => {
  const { accessToken, factorId, email } = await room.guardedPerson();
  const key = await enrolKey(room, accessToken);
  const authenticator = newAuthenticator();
  expect((await proveKey(room, accessToken, key, authenticator)).status).toBe(200);
  const token = (await room.signIn(email)).body.access_token;
  const challengeId = await room.challenge(token, factorId);
  for (let n = 0; n < 5; n += 1) await room.verify(token, factorId, challengeId, "000000");
  expect((await proveKey(room, token, key, authenticator)).body.code).toBe("over_request_rate_limit");
  expect(codeAt).toBeDefined();
});
