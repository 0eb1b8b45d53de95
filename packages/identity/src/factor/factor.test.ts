// Attacks on the second factor, in pairs.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { goodPassword, otherPassword, TestIdentity } from "../testing/start-identity.ts";
import { codeAt } from "./totp.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

test("a code is good once, also through a new challenge and from another session", async () => {
  const { email, factorId, secret } = await room.guardedPerson();
  const first = (await room.signIn(email)).body.access_token;
  const second = (await room.signIn(email)).body.access_token;
  const code = codeAt(secret, room.time);
  expect((await room.verify(first, factorId, await room.challenge(first, factorId), code)).status).toBe(200);
  const replay = await room.verify(second, factorId, await room.challenge(second, factorId), code);
  expect(replay.status).toBe(422);
  expect(replay.body.code).toBe("mfa_verification_failed");
  expect(room.eventsNamed("factor.failed")).toMatchObject([{ reason: "code-spent" }]);
});

test("a challenge is answered from another address than it was asked for from: people and proxies move", async () => {
  const { email, factorId, secret } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  const [home, train] = ["192.0.2.10", "2001:db8:9::1"].map((address) => ({ "x-holdfast-address": address }));
  const asked = await room.call("POST", `/factors/${factorId}/challenge`, { token, headers: home ?? {} });
  const body = { challenge_id: asked.body.id, code: codeAt(secret, room.time) };
  const answer = await room.call("POST", `/factors/${factorId}/verify`, { token, body, headers: train ?? {} });
  expect(answer.status).toBe(200);
});

test("the code of an earlier step is spent together with a later one", async () => {
  const { email, factorId, secret } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  const earlier = codeAt(secret, room.time);
  const later = codeAt(secret, room.time + 30_000);
  expect((await room.verify(token, factorId, await room.challenge(token, factorId), later)).status).toBe(200);
  expect((await room.verify(token, factorId, await room.challenge(token, factorId), earlier)).status).toBe(422);
});

async function fiftySessionsWithOneCode(url = room.url) {
  const { email, factorId, secret } = await room.guardedPerson();
  const tokens: string[] = [];
  while (tokens.length < 50) tokens.push((await room.signIn(email)).body.access_token);
  const challenges = await Promise.all(tokens.map((token) => room.challenge(token, factorId)));
  const code = codeAt(secret, room.time);
  const contenders = tokens.map((token, at) => () => room.verify(token, factorId, challenges[at] ?? "", code, url));
  const answers = await room.race("mfa_factors", factorId, contenders);
  return answers.filter(({ status }) => status === 200).length;
}

test("of fifty parallel redemptions of one code exactly one succeeds", async () => {
  // A twin with the limit out of the way, so that only the single use can refuse.
  const url = await room.listen(await room.twin({ rules: { isLockedOut: () => false } }));
  expect(await fiftySessionsWithOneCode(url)).toBe(1);
});

test("a twin that does not spend the step is caught by the same race", async () => {
  const rules = { isLockedOut: () => false, spentStepBound: () => 2_147_483_647 };
  const url = await room.listen(await room.twin({ rules }));
  expect(await fiftySessionsWithOneCode(url)).toBeGreaterThan(1);
});

test("of fifty parallel redemptions of one challenge exactly one succeeds", async () => {
  const url = await room.listen(await room.twin({ rules: { isLockedOut: () => false } }));
  const { email, factorId, secret } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  const challengeId = await room.challenge(token, factorId);
  const code = codeAt(secret, room.time);
  const contenders = Array.from({ length: 50 }, () => () => room.verify(token, factorId, challengeId, code, url));
  const answers = await room.race("mfa_factors", factorId, contenders);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test("guesses at a code are limited for the account across sessions and challenges, and a right code does not help then", async () => {
  const { email, factorId, secret, id } = await room.guardedPerson();
  const tokens = [];
  for (let n = 0; n < 3; n += 1) tokens.push((await room.signIn(email)).body.access_token as string);
  for (let n = 0; n < 5; n += 1) {
    const token = tokens[n % 3] as string;
    const answer = await room.verify(token, factorId, await room.challenge(token, factorId), "000000");
    expect(answer.body.code).toBe("mfa_verification_failed");
  }
  const token = tokens[0] as string;
  const right = await room.verify(token, factorId, await room.challenge(token, factorId), codeAt(secret, room.time));
  expect(right.status).toBe(429);
  expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
  // A right password opens no new round of guesses.
  expect((await room.signIn(email)).status).toBe(200);
  expect(
    (await room.verify(token, factorId, await room.challenge(token, factorId), codeAt(secret, room.time))).status,
  ).toBe(429);
  expect(room.eventsNamed("signin.locked")[0]).toMatchObject({ subject: id, reason: "factor-account" });
  room.pass(15 * 60);
  expect((await room.refresh((await room.signIn(email)).body.refresh_token)).status).toBe(200);
});

test("a twin without limits is caught guessing", async () => {
  const url = await room.listen(await room.twin({ rules: { isLockedOut: () => false } }));
  const { email, factorId } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  const challengeId = await room.challenge(token, factorId);
  const statuses = [];
  for (let n = 0; n < 10; n += 1)
    statuses.push((await room.verify(token, factorId, challengeId, "000000", url)).status);
  expect(statuses).not.toContain(429);
});

test("a session that has not passed its second factor can change no password and no factor", async () => {
  const { email, factorId } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  const attempts = [
    room.call("PUT", "/user", { token, body: { password: otherPassword } }),
    room.call("PUT", "/user", { token, body: { password: otherPassword, current_password: goodPassword } }),
    room.call("POST", "/factors", { token, body: { factor_type: "totp" } }),
    room.call("DELETE", `/factors/${factorId}`, { token }),
  ];
  for (const answer of await Promise.all(attempts)) {
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe("insufficient_aal");
  }
  expect(room.eventsNamed("edge.access-refused")).toHaveLength(attempts.length);
});

test("a twin that asks for no second factor is caught by the half-authenticated session", async () => {
  const url = await room.listen(await room.twin({ rules: { mayChangeCredentials: () => true } }));
  const { email, factorId } = await room.guardedPerson();
  const token = (await room.signIn(email)).body.access_token;
  expect((await room.call("DELETE", `/factors/${factorId}`, { token }, url)).status).toBe(200);
});

test("the access and refresh tokens from before the second factor never become aal2", async () => {
  const person = await room.person();
  const { factorId, secret } = await room.enrol(person.accessToken);
  const challengeId = await room.challenge(person.accessToken, factorId);
  const lifted = await room.verify(person.accessToken, factorId, challengeId, codeAt(secret, room.time));
  expect(decodeJwt(lifted.body.access_token).aal).toBe("aal2");
  // The old access token belongs to a session that is aal2 now, and still counts as aal1.
  const removal = await room.call("DELETE", `/factors/${factorId}`, { token: person.accessToken });
  expect(removal.body.code).toBe("insufficient_aal");
  expect((await room.refresh(person.refreshToken)).body.code).toBe("refresh_token_already_used");
});

test("the first factor ends the account's other sessions at aal1, and its unfinished enrolments", async () => {
  const person = await room.person();
  const other = (await room.signIn(person.email)).body;
  await room.enrol(person.accessToken, "abandoned");
  const { factorId, secret } = await room.enrol(person.accessToken, "kept");
  const challengeId = await room.challenge(person.accessToken, factorId);
  const lifted = await room.verify(person.accessToken, factorId, challengeId, codeAt(secret, room.time));
  expect(lifted.body.user.factors).toMatchObject([{ friendly_name: "kept", status: "verified" }]);
  expect((await room.refresh(other.refresh_token)).status).toBe(400);
  expect(room.eventsNamed("session.ended")).toMatchObject([{ reason: "factor-changed" }]);
});

test("a removed factor ends other sessions, and the next one is at aal1", async () => {
  const { email, factorId, accessToken, secret } = await room.guardedPerson();
  const other = (await room.signIn(email)).body;
  expect((await room.call("DELETE", `/factors/${factorId}`, { token: accessToken })).status).toBe(200);
  expect((await room.refresh(other.refresh_token)).status).toBe(400);
  expect(room.eventsNamed("factor.removed")).toMatchObject([{ reason: "own" }]);
  const again = (await room.signIn(email)).body;
  expect(again.user.factors).toBeUndefined();
  expect(decodeJwt(again.access_token).aal).toBe("aal1");
  expect(secret).not.toBe("");
});

test("who removes the last factor signs in again: no token of before is worth aal2, nor anything, for another minute", async () => {
  const { factorId, accessToken, refreshToken, email } = await room.guardedPerson();
  const sessionId = decodeJwt(accessToken).session_id as string;
  expect((await room.call("DELETE", `/factors/${factorId}`, { token: accessToken })).status).toBe(200);
  expect(room.ended.flatMap(({ ids }) => ids)).toContain(sessionId);
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
  expect((await room.refresh(refreshToken)).body.code).toBe("refresh_token_not_found");
  expect(decodeJwt((await room.signIn(email)).body.access_token).aal).toBe("aal1");
});

test("who removes one of two factors keeps the session, which the other one protects", async () => {
  const { factorId, accessToken, refreshToken } = await room.guardedPerson();
  const second = await room.enrol(accessToken, "spare");
  room.pass(30);
  const challengeId = await room.challenge(accessToken, second.factorId);
  const verified = await room.verify(accessToken, second.factorId, challengeId, codeAt(second.secret, room.time));
  const token = verified.body.access_token;
  expect((await room.call("DELETE", `/factors/${factorId}`, { token })).status).toBe(200);
  expect((await room.call("GET", "/user", { token })).status).toBe(200);
  expect((await room.refresh(refreshToken)).body.code).not.toBe("refresh_token_not_found");
});

test("how somebody signs in changes only shortly after signing in", async () => {
  const person = await room.person();
  room.pass(16 * 60);
  const token = (await room.refresh(person.refreshToken)).body.access_token;
  expect((await room.call("POST", "/factors", { token, body: { factor_type: "totp" } })).body.code).toBe(
    "reauthentication_needed",
  );
  const change = { password: otherPassword };
  expect((await room.call("PUT", "/user", { token, body: change })).body.code).toBe("current_password_required");
  const wrong = { ...change, current_password: "not-the-password-1" };
  expect((await room.call("PUT", "/user", { token, body: wrong })).body.code).toBe("current_password_invalid");
  const right = { ...change, current_password: goodPassword };
  expect((await room.call("PUT", "/user", { token, body: right })).status).toBe(200);
});

test("a challenge ends after five minutes and belongs to one factor of one account", async () => {
  const { accessToken, factorId, secret } = await room.guardedPerson();
  const stranger = await room.guardedPerson();
  const foreign = await room.challenge(stranger.accessToken, stranger.factorId);
  const code = codeAt(secret, room.time);
  expect((await room.verify(accessToken, factorId, foreign, code)).body.code).toBe("mfa_challenge_expired");
  expect((await room.verify(accessToken, stranger.factorId, foreign, code)).body.code).toBe("mfa_factor_not_found");
  const own = await room.challenge(accessToken, factorId);
  room.pass(301);
  expect((await room.verify(accessToken, factorId, own, codeAt(secret, room.time))).body.code).toBe(
    "mfa_challenge_expired",
  );
});

test("factor names are unique, factors are at most ten, other types are refused with Supabase's codes", async () => {
  const { accessToken } = await room.person();
  const enrol = (body: object) => room.call("POST", "/factors", { token: accessToken, body });
  expect((await enrol({ factor_type: "totp", friendly_name: "a" })).status).toBe(200);
  expect((await enrol({ factor_type: "totp", friendly_name: "a" })).body.code).toBe("mfa_factor_name_conflict");
  expect((await enrol({ factor_type: "phone" })).body.code).toBe("mfa_phone_enroll_not_enabled");
  expect((await enrol({ factor_type: "other" })).body.code).toBe("validation_failed");
  for (let n = 0; n < 9; n += 1) await enrol({ factor_type: "totp" });
  expect((await enrol({ factor_type: "totp" })).body.code).toBe("too_many_enrolled_mfa_factors");
});

test("an account has ten factors at most, also when they are enrolled at the same moment", async () => {
  const { accessToken } = await room.person();
  const enrol = () => room.call("POST", "/factors", { token: accessToken, body: { factor_type: "totp" } });
  const answers = await Promise.all(Array.from({ length: 12 }, enrol));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
  for (const { status, body } of answers) if (status !== 200) expect(body.code).toBe("too_many_enrolled_mfa_factors");
});

test("a secret at rest is sealed and bound to its factor", async () => {
  const one = await room.guardedPerson();
  const two = await room.guardedPerson();
  const administrator = await room.administrator();
  const { rows } = await administrator.query("select sealed_secret from auth.mfa_factors where id = $1", [
    one.factorId,
  ]);
  expect(rows[0].sealed_secret.toString("utf8")).not.toContain(one.secret);
  await administrator.query(
    "update auth.mfa_factors set sealed_secret = (select sealed_secret from auth.mfa_factors where id = $1) where id = $2",
    [one.factorId, two.factorId],
  );
  await administrator.end();
  const challengeId = await room.challenge(two.accessToken, two.factorId);
  const answer = await room.verify(two.accessToken, two.factorId, challengeId, codeAt(one.secret, room.time));
  expect(answer.status).toBe(500);
  expect(answer.body).toEqual({ code: "unexpected_failure", message: expect.any(String) });
});
