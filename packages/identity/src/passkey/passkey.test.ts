// Passkeys: signing in with one, and every lie of a browser or authenticator, in pairs.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityRules } from "../rules.ts";
import { addPasskey, newAuthenticator, passkeyPerson, signInWithPasskey } from "../testing/passkey-room.ts";
import type { Lies } from "../testing/software-authenticator.ts";
import { goodPassword, newEmail, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const twin = async (rules: Partial<IdentityRules>) => await room.listen(await room.twin({ rules }));

test("a passkey signs in by itself, and its session is worth aal2", async () => {
  const { id, authenticator, passkeyId } = await passkeyPerson(room);
  const answer = await signInWithPasskey(room, authenticator);
  expect(answer.status).toBe(200);
  expect(answer.body.user.id).toBe(id);
  expect(decodeJwt(answer.body.access_token)).toMatchObject({ aal: "aal2", amr: [{ method: "passkey" }] });
  const refreshed = await room.refresh(answer.body.refresh_token);
  expect(decodeJwt(refreshed.body.access_token).aal).toBe("aal2");
  expect(room.eventsNamed("signin.succeeded").at(-1)).toMatchObject({
    subject: id,
    reason: "passkey",
    detail: { passkey: passkeyId },
  });
});

test("a new passkey is discoverable, asks for the person, and is made for the policy's host alone", async () => {
  const { accessToken, id } = await room.person();
  const { body } = await room.call("POST", "/passkeys/registration/options", { token: accessToken, body: {} });
  expect(body.options).toMatchObject({
    rp: { id: "localhost", name: "content" },
    attestation: "none",
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    excludeCredentials: [],
  });
  expect(Buffer.from(body.options.user.id, "base64url").toString("hex")).toBe(id.replaceAll("-", ""));
  expect(body.expires_at).toBe(room.time / 1000 + 300);
  const host = { host: "evil.example", "x-forwarded-host": "evil.example", origin: "https://evil.example" };
  const poisoned = await room.call("POST", "/passkeys/authentication/options", { body: {}, headers: host });
  expect(poisoned.body.options).toMatchObject({ rpId: "localhost", userVerification: "required" });
  expect(poisoned.body.options.allowCredentials ?? []).toEqual([]);
});

const lies: readonly (readonly [string, Lies, string])[] = [
  ["another origin", { origin: "https://evil.example" }, "wrong-origin"],
  ["another port of the origin", { origin: "https://localhost:9443" }, "wrong-origin"],
  ["another relying party", { rpId: "evil.example" }, "wrong-relying-party"],
  ["no verification of the person", { userVerified: false }, "user-not-verified"],
  ["a frame of another site", { crossOrigin: true }, "cross-origin"],
  ["the other ceremony", { type: "webauthn.create" }, "wrong-ceremony"],
  ["a signature of another key", { signature: Buffer.alloc(70, 7) }, "wrong-signature"],
  ["a counter that stands still", { signCount: 1 }, "counter-regressed"],
  ["a counter that was reset", { signCount: 0 }, "counter-regressed"],
  ["nobody present", { userPresent: false }, "malformed"],
  ["the handle of another account", { userHandle: Buffer.alloc(16, 1).toString("base64url") }, "foreign-credential"],
  ["no handle", { userHandle: "" }, "foreign-credential"],
];

test.each(lies)("an assertion with %s is refused, recorded, and ends nothing", async (_, lie, reason) => {
  const { authenticator, id } = await passkeyPerson(room);
  const answer = await signInWithPasskey(room, authenticator, lie);
  expect(answer.status).toBe(400);
  expect(["webauthn_verification_failed"]).toContain(answer.body.code);
  expect(room.eventsNamed("signin.failed").at(-1)).toMatchObject({
    subject: id,
    reason: reason === "wrong-signature" ? expect.stringMatching(/wrong-signature|malformed/) : reason,
  });
  expect((await signInWithPasskey(room, authenticator)).status).toBe(200);
});

test("an authenticator without a counter signs in again and again", async () => {
  const { accessToken } = await room.person();
  const synced = newAuthenticator(false);
  expect((await addPasskey(room, accessToken, synced)).status).toBe(200);
  for (let n = 0; n < 3; n += 1) expect((await signInWithPasskey(room, synced)).status).toBe(200);
});

const holes: readonly (readonly [string, Partial<IdentityRules>, Lies])[] = [
  [
    "believes the client's origin",
    { relyingParty: (origin, claimed) => ({ origins: [claimed], ids: [new URL(origin).hostname] }) },
    { origin: "https://evil.example" },
  ],
  [
    "accepts any relying party",
    { relyingParty: (origin) => ({ origins: [origin], ids: ["localhost", "evil.example"] }) },
    { rpId: "evil.example" },
  ],
  ["asks for presence only", { requiresUserVerification: () => false }, { userVerified: false }],
  ["does not count", { signCountBound: () => 4_294_967_296 }, { signCount: 1 }],
];

test.each(holes)("a twin that %s is caught", async (_, rules, lie) => {
  const { authenticator } = await passkeyPerson(room);
  expect((await signInWithPasskey(room, authenticator, lie, await twin(rules))).status).toBe(200);
});

async function sameAssertionTwice(url = room.url) {
  const { authenticator } = await passkeyPerson(room);
  const begun = await room.call("POST", "/passkeys/authentication/options", { body: {} }, url);
  const body = { challenge_id: begun.body.challenge_id, credential: authenticator.get(begun.body.options) };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => room.call("POST", "/passkeys/authentication/verify", { body }, url)),
  );
  return answers.map(({ status, body: { code } }) => (status === 200 ? "in" : code)).sort();
}

test("of parallel replays of one assertion exactly one signs in", async () => {
  const answers = await sameAssertionTwice();
  expect(answers.filter((answer) => answer === "in")).toHaveLength(1);
  expect(new Set(answers)).toEqual(new Set(["in", "webauthn_challenge_not_found"]));
});

test("a twin that accepts a spent challenge and does not count is caught by the same replay", async () => {
  const url = await twin({ mayRedeemAgain: () => true, signCountBound: () => 4_294_967_296 });
  expect((await sameAssertionTwice(url)).filter((answer) => answer === "in").length).toBeGreaterThan(1);
});

test("a challenge that nobody gave, of another purpose or of long ago is refused", async () => {
  const { authenticator, accessToken } = await passkeyPerson(room);
  const invented = await signInWithPasskey(room, authenticator, { challenge: Buffer.alloc(32).toString("base64url") });
  expect(invented.body.code).toBe("webauthn_challenge_not_found");
  const signedIn = (await signInWithPasskey(room, authenticator)).body.access_token;
  const registration = await room.call("POST", "/passkeys/registration/options", { token: signedIn, body: {} });
  const crossed = {
    challenge_id: registration.body.challenge_id,
    credential: authenticator.get({ challenge: registration.body.options.challenge }),
  };
  const answer = await room.call("POST", "/passkeys/authentication/verify", { body: crossed });
  expect(answer.body.code).toBe("webauthn_challenge_not_found");
  const begun = await room.call("POST", "/passkeys/authentication/options", { body: {} });
  room.pass(300);
  const late = { challenge_id: begun.body.challenge_id, credential: authenticator.get(begun.body.options) };
  expect((await room.call("POST", "/passkeys/authentication/verify", { body: late })).body.code).toBe(
    "webauthn_challenge_expired",
  );
  expect(accessToken).not.toBe("");
});

test("the challenge of one session adds no passkey in another", async () => {
  const one = await room.person();
  const other = await room.person();
  const begun = await room.call("POST", "/passkeys/registration/options", { token: one.accessToken, body: {} });
  const credential = newAuthenticator().create(begun.body.options);
  const body = { challenge_id: begun.body.challenge_id, credential };
  const stolen = await room.call("POST", "/passkeys/registration/verify", { token: other.accessToken, body });
  expect(stolen.body.code).toBe("webauthn_challenge_not_found");
  expect(room.eventsNamed("passkey.refused").at(-1)).toMatchObject({ subject: other.id, reason: "challenge-unknown" });
  const own = await room.call("POST", "/passkeys/registration/verify", { token: one.accessToken, body });
  expect(own.status, "a stranger's try spends nothing").toBe(200);
});

test("a credential id belongs to one account", async () => {
  const credentialId = Buffer.alloc(32, 9);
  const one = await room.person();
  const other = await room.person();
  const first = await addPasskey(room, one.accessToken, newAuthenticator(), { credentialId });
  expect(first.status).toBe(200);
  const second = await addPasskey(room, other.accessToken, newAuthenticator(), { credentialId });
  expect(second).toMatchObject({ status: 422, body: { code: "webauthn_credential_exists" } });
});

test("attestation that nobody asked for is refused: its certificates would have us ask other hosts", async () => {
  const { accessToken } = await room.person();
  for (const format of ["packed-with-x5c", "fido-u2f", "android-key", "tpm", "apple"]) {
    const refused = await addPasskey(room, accessToken, newAuthenticator(), { format });
    expect(refused.body.code).toBe("webauthn_verification_failed");
  }
  expect(room.eventsNamed("passkey.refused").map(({ reason }) => reason)).toEqual(
    Array.from({ length: 5 }, () => "attestation-refused"),
  );
});

test("an account has ten passkeys at most, also when they are added at the same moment", async () => {
  const { accessToken: aal1 } = await room.person();
  const authenticator = newAuthenticator();
  expect((await addPasskey(room, aal1, authenticator)).status).toBe(200);
  const token = (await signInWithPasskey(room, authenticator)).body.access_token;
  const answers = await Promise.all(Array.from({ length: 12 }, () => addPasskey(room, token, newAuthenticator())));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(9);
  for (const { status, body } of answers) if (status !== 200) expect(body.code).toBe("too_many_passkeys");
  expect((await room.call("GET", "/passkeys", { token })).body).toHaveLength(10);
});

test("a session that did not prove a passkey or factor adds and removes none where there is one", async () => {
  const { email, passkeyId } = await passkeyPerson(room);
  const token = (await room.signIn(email)).body.access_token;
  const attempts = [
    room.call("POST", "/passkeys/registration/options", { token, body: {} }),
    room.call("DELETE", `/passkeys/${passkeyId}`, { token }),
    room.call("POST", "/factors", { token, body: { factor_type: "totp" } }),
  ];
  for (const answer of await Promise.all(attempts)) expect(answer.body.code).toBe("insufficient_aal");
  const guarded = await room.guardedPerson();
  const half = (await room.signIn(guarded.email)).body.access_token;
  expect((await room.call("POST", "/passkeys/registration/options", { token: half, body: {} })).body.code).toBe(
    "insufficient_aal",
  );
  const careless = await twin({ mayChangeCredentials: () => true });
  expect((await addPasskey(room, half, newAuthenticator(), {}, careless)).status, "a twin is caught").toBe(200);
});

test("a password set beside a passkey opens a session that changes nothing about how one signs in, and deletes nothing", async () => {
  const { email, authenticator } = await passkeyPerson(room);
  const { access_token: strong } = (await signInWithPasskey(room, authenticator)).body;
  const set = { password: otherPassword, current_password: goodPassword };
  expect((await room.call("PUT", "/user", { token: strong, body: set })).status).toBe(200);
  const { body } = await room.signIn(email, otherPassword);
  expect(decodeJwt(body.access_token)["aal"]).toBe("aal1");
  const token = body.access_token;
  const attempts = [
    room.call("PUT", "/user", { token, body: { password: goodPassword, current_password: otherPassword } }),
    room.call("PUT", "/user", { token, body: { email: newEmail() } }),
    room.call("POST", "/factors", { token, body: { factor_type: "totp" } }),
    room.call("POST", "/factors/recovery-codes", { token, body: {} }),
    room.call("DELETE", "/user", { token }),
  ];
  for (const answer of await Promise.all(attempts)) expect(answer.body.code).toBe("insufficient_aal");
});

test("a passkey is added and removed only shortly after signing in", async () => {
  const { authenticator, passkeyId } = await passkeyPerson(room);
  const { body } = await signInWithPasskey(room, authenticator);
  room.pass(16 * 60);
  const token = (await room.refresh(body.refresh_token)).body.access_token;
  expect((await addPasskey(room, token, newAuthenticator())).body.code).toBe("reauthentication_needed");
  expect((await room.call("DELETE", `/passkeys/${passkeyId}`, { token })).body.code).toBe("reauthentication_needed");
});

test("whoever removes the passkey that the session proved is signed out, and it signs in no more", async () => {
  const { authenticator, passkeyId, email } = await passkeyPerson(room);
  const other = (await room.signIn(email)).body.refresh_token;
  const token = (await signInWithPasskey(room, authenticator)).body.access_token;
  expect((await room.call("DELETE", `/passkeys/${passkeyId}`, { token })).status).toBe(204);
  expect((await room.call("GET", "/user", { token })).body.code).toBe("session_not_found");
  expect((await room.refresh(other)).status).toBe(400);
  const gone = await signInWithPasskey(room, authenticator);
  expect(gone).toMatchObject({ status: 400, body: { code: "webauthn_credential_not_found" } });
  expect(decodeJwt((await room.signIn(email)).body.access_token).aal).toBe("aal1");
});

test("names, foreign passkeys, banned and deleted people", async () => {
  const { authenticator, passkeyId, accessToken, id } = await passkeyPerson(room);
  const stranger = await room.person();
  const name = { friendly_name: "Work laptop" };
  const renamed = await room.call("PATCH", `/passkeys/${passkeyId}`, { token: accessToken, body: name });
  expect(renamed.body).toMatchObject({ id: passkeyId, ...name });
  const long = { friendly_name: "x".repeat(121) };
  expect((await room.call("PATCH", `/passkeys/${passkeyId}`, { token: accessToken, body: long })).status).toBe(400);
  for (const [method, body] of [
    ["PATCH", name],
    ["DELETE", undefined],
  ] as const) {
    const foreign = await room.call(method, `/passkeys/${passkeyId}`, { token: stranger.accessToken, body });
    expect(foreign).toMatchObject({ status: 404, body: { code: "webauthn_credential_not_found" } });
  }
  const key = await room.identity.issueServiceKey();
  await room.call("PUT", `/admin/users/${id}`, { token: key, body: { ban_duration: "1h" } });
  expect((await signInWithPasskey(room, authenticator)).body.code).toBe("user_banned");
  await room.call("PUT", `/admin/users/${id}`, { token: key, body: { ban_duration: "none" } });
  const soft = { should_soft_delete: true };
  expect((await room.call("DELETE", `/admin/users/${id}`, { token: key, body: soft })).status).toBe(200);
  expect((await signInWithPasskey(room, authenticator)).status).toBe(400);
});

test("with passkeys off every path is 404 and says so, and a passkey of before neither signs in nor guards", async () => {
  const { authenticator, email } = await passkeyPerson(room);
  const policy = { ...testPolicy, identity: { ...testPolicy.identity, passkeys: false } };
  const url = await room.listen(await room.twin({ policy }));
  const token = (await room.signIn(email)).body.access_token;
  const id = "00000000-0000-4000-8000-000000000000";
  const paths = [
    ["POST", "/passkeys/registration/options"],
    ["POST", "/passkeys/registration/verify"],
    ["POST", "/passkeys/authentication/options"],
    ["POST", "/passkeys/authentication/verify"],
    ["GET", "/passkeys"],
    ["PATCH", `/passkeys/${id}`],
    ["DELETE", `/passkeys/${id}`],
    ["GET", `/admin/users/${id}/passkeys`],
    ["DELETE", `/admin/users/${id}/passkeys/${id}`],
  ] as const;
  for (const [method, path] of paths) {
    const answer = await room.call(method, path, { token, ...(method === "POST" ? { body: {} } : {}) }, url);
    expect(answer).toMatchObject({ status: 404, body: { code: "passkey_disabled", message: "Passkeys are disabled" } });
  }
  const factor = await room.call("POST", "/factors", { token, body: { factor_type: "totp" } }, url);
  expect(factor.status).toBe(200);
  expect(authenticator).toBeDefined();
});

test("notices tell whoever owns the account, at an address that is confirmed", async () => {
  const { authenticator, email, accessToken } = await passkeyPerson(room);
  const spare = newAuthenticator();
  expect((await addPasskey(room, (await signInWithPasskey(room, authenticator)).body.access_token, spare)).status).toBe(
    200,
  );
  const passkeyId = (await room.call("GET", "/passkeys", { token: accessToken })).body.at(-1).id;
  const token = (await signInWithPasskey(room, authenticator)).body.access_token;
  await room.call("DELETE", `/passkeys/${passkeyId}`, { token });
  const kinds = room.inbox
    .messages()
    .filter(({ to }) => to.address === email)
    .map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(["passkey-added", "passkey-added", "passkey-removed"]);
});
