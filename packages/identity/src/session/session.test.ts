// Attacks on sessions, in pairs: the attack fails, and against a twin with the hole it succeeds.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { goodPassword, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
  room.ended.length = 0;
});

const sessionIdOf = (token: string): string => String(decodeJwt(token).session_id);

test("a spent refresh token from before the last ends the whole family, and says so in an event", async () => {
  const { refreshToken, id } = await room.person();
  const second = (await room.refresh(refreshToken)).body.refresh_token;
  const third = await room.refresh(second);
  const replay = await room.refresh(refreshToken);
  expect(replay.status).toBe(400);
  expect(replay.body.code).toBe("refresh_token_already_used");
  expect((await room.refresh(third.body.refresh_token)).body.code).toBe("refresh_token_not_found");
  expect((await room.call("GET", "/user", { token: third.body.access_token })).body.code).toBe("session_not_found");
  expect(room.eventsNamed("session.reuse-detected")).toMatchObject([{ subject: id, detail: { behind: 2 } }]);
  expect(room.eventsNamed("session.ended")).toMatchObject([{ reason: "refresh-token-reused" }]);
});

test("the last spent refresh token may be sent again for ten seconds and yields the current one, not a new one", async () => {
  const { refreshToken } = await room.person();
  const first = await room.refresh(refreshToken);
  room.pass(10);
  const again = await room.refresh(refreshToken);
  expect(again.status).toBe(200);
  expect(again.body.refresh_token).toBe(first.body.refresh_token);
  room.pass(1);
  expect((await room.refresh(refreshToken)).body.code).toBe("refresh_token_already_used");
  expect((await room.refresh(first.body.refresh_token)).body.code).toBe("refresh_token_not_found");
});

test("the answer tells which session it is for and what became of a spent token, and a refusal that the family ended", async () => {
  const { id, accessToken, refreshToken } = await room.person();
  const told = (answer: { readonly headers: Headers }) =>
    Object.fromEntries([...answer.headers].filter(([name]) => name.startsWith("sb-auth-")));
  const session = { "sb-auth-user-id": id, "sb-auth-session-id": sessionIdOf(accessToken) };
  const count = "sb-auth-refresh-token-counter";
  const reuse = "sb-auth-refresh-token-reuse";
  const cause = "sb-auth-refresh-token-reuse-cause";
  const first = await room.refresh(refreshToken);
  expect(told(first)).toEqual({ ...session, [count]: "1", [reuse]: "false" });
  expect(told(await room.refresh(refreshToken))).toEqual({
    ...session,
    [count]: "1",
    [reuse]: "true",
    [cause]: "concurrent-refresh",
  });
  room.pass(5);
  expect(told(await room.refresh(refreshToken))[cause]).toBe("fail-to-save");
  room.pass(60);
  expect(told(await room.refresh(refreshToken))).toEqual({
    ...session,
    [count]: "1",
    [reuse]: "true",
    "sb-auth-refresh-token-rotated": "true",
  });
  expect(told(await room.refresh("a".repeat(50))), "nothing about a token that is not ours").toEqual({});
});

test("with session.single the newest session ends the others, at once and everywhere", async () => {
  const { email, id, accessToken, refreshToken } = await room.person();
  const { identity } = testPolicy;
  const single = { ...testPolicy, identity: { ...identity, session: { ...identity.session, single: true } } };
  const url = await room.listen(await room.twin({ policy: single }));
  const body = { email, password: goodPassword };
  const newest = (await room.call("POST", "/token?grant_type=password", { body }, url)).body;
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
  expect((await room.refresh(refreshToken)).body.code).toBe("refresh_token_not_found");
  expect((await room.call("GET", "/user", { token: newest.access_token })).status).toBe(200);
  expect(room.ended.flatMap(({ ids }) => ids)).toContain(sessionIdOf(accessToken));
  expect(room.eventsNamed("session.ended")).toMatchObject([{ subject: id, reason: "newer-session" }]);
});

test("a twin that keeps other sessions under session.single is caught", async () => {
  const { email, accessToken } = await room.person();
  const { identity } = testPolicy;
  const single = { ...testPolicy, identity: { ...identity, session: { ...identity.session, single: true } } };
  const rules = { sessionsBesideNewest: () => 99 };
  const url = await room.listen(await room.twin({ policy: single, rules }));
  await room.call("POST", "/token?grant_type=password", { body: { email, password: goodPassword } }, url);
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
});

test("with a reuse interval of zero every replay after the moment of rotation ends the family", async () => {
  const url = await room.listen(await room.twin({ reuseIntervalSeconds: 0 }));
  const { refreshToken } = await room.person();
  const body = { refresh_token: refreshToken };
  expect((await room.call("POST", "/token?grant_type=refresh_token", { body }, url)).status).toBe(200);
  room.pass(1);
  const replay = await room.call("POST", "/token?grant_type=refresh_token", { body }, url);
  expect(replay.body.code).toBe("refresh_token_already_used");
});

test("a twin that forgives every reuse is caught by the same attack", async () => {
  const url = await room.listen(await room.twin({ rules: { mayReuse: () => true } }));
  const { refreshToken } = await room.person();
  await room.refresh((await room.refresh(refreshToken)).body.refresh_token);
  room.pass(60);
  const replay = await room.call(
    "POST",
    "/token?grant_type=refresh_token",
    { body: { refresh_token: refreshToken } },
    url,
  );
  expect(replay.status).toBe(200);
});

test("of fifty parallel refreshes with one token all get the same next token: there is one family and one rotation", async () => {
  const { accessToken, refreshToken } = await room.person();
  const contenders = Array.from({ length: 50 }, () => () => room.refresh(refreshToken));
  const answers = await room.race("sessions", sessionIdOf(accessToken), contenders);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
  const rotations = room.eventsNamed("session.refreshed").filter(({ reason }) => reason === undefined);
  expect(rotations).toHaveLength(1);
});

test("a refresh token that was forged, altered, cut or spelled otherwise is not found", async () => {
  const { refreshToken } = await room.person();
  const bytes = Buffer.from(refreshToken, "base64url");
  const forged = [0, 1, 18, 20, 21, 36].map((at) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy.toString("base64url");
  });
  const respelled = `${refreshToken.slice(0, -1)}${String.fromCharCode(refreshToken.charCodeAt(49) + 1)}`;
  for (const token of [...forged, respelled, refreshToken.slice(0, 49), `${refreshToken}A`, "x", "a".repeat(200)]) {
    expect((await room.refresh(token)).body.code).toBe("refresh_token_not_found");
  }
  expect((await room.refresh(refreshToken)).status).toBe(200);
});

test("a refresh token does not act as an access token, nor the other way round", async () => {
  const { accessToken, refreshToken } = await room.person();
  expect((await room.call("GET", "/user", { token: refreshToken })).status).toBe(401);
  expect((await room.refresh(accessToken)).status).toBe(400);
});

test("an idle session ends, and its tokens with it", async () => {
  const { accessToken, refreshToken } = await room.person();
  room.pass(30 * 60 - 1);
  const alive = await room.refresh(refreshToken);
  expect(alive.status).toBe(200);
  room.pass(30 * 60);
  expect((await room.refresh(alive.body.refresh_token)).body.code).toBe("session_expired");
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(403);
  expect(room.eventsNamed("session.ended")).toMatchObject([{ reason: "idle" }]);
});

test("a session ends at its absolute limit however often it is refreshed, and no access token outlives it", async () => {
  const { refreshToken } = await room.person();
  const end = room.time / 1000 + 12 * 3600;
  let last = await room.refresh(refreshToken);
  while (room.time / 1000 + 25 * 60 < end) {
    room.pass(25 * 60);
    last = await room.refresh(last.body.refresh_token);
  }
  room.time = (end - 60) * 1000;
  last = await room.refresh(last.body.refresh_token);
  expect(last.body).toMatchObject({ expires_in: 60, expires_at: end });
  expect(decodeJwt(last.body.access_token).exp).toBe(end);
  room.time = end * 1000;
  expect((await room.refresh(last.body.refresh_token)).body.code).toBe("session_expired");
  expect(room.eventsNamed("session.ended")).toMatchObject([{ reason: "absolute" }]);
});

test("a twin without idle and absolute limits is caught by the same clock", async () => {
  const url = await room.listen(await room.twin({ rules: { sessionEnd: () => null } }));
  const { refreshToken } = await room.person();
  room.pass(13 * 3600);
  const late = await room.call(
    "POST",
    "/token?grant_type=refresh_token",
    { body: { refresh_token: refreshToken } },
    url,
  );
  expect(late.status).toBe(200);
});

test("after signing out neither token works, and the gateway is told at once until when to refuse", async () => {
  const { accessToken, refreshToken } = await room.person();
  expect((await room.call("POST", "/logout", { token: accessToken })).status).toBe(204);
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
  expect((await room.refresh(refreshToken)).body.code).toBe("refresh_token_not_found");
  expect(room.ended).toEqual([{ ids: [sessionIdOf(accessToken)], until: room.time + 610_000 }]);
  expect(await room.identity.endedSessions()).toContain(sessionIdOf(accessToken));
  room.pass(611);
  expect(await room.identity.endedSessions()).not.toContain(sessionIdOf(accessToken));
});

test("an unknown scope signs nobody out", async () => {
  const { accessToken } = await room.person();
  expect((await room.call("POST", "/logout?scope=everyone", { token: accessToken })).status).toBe(400);
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
});

test("sessions are listed with their origin, and one can be revoked", async () => {
  const { email, accessToken } = await room.person();
  const headers = { "user-agent": "Phone/1", "x-holdfast-address": "198.51.100.7" };
  const phone = (await room.signIn(email, goodPassword, headers)).body;
  const { sessions } = (await room.call("GET", "/user/sessions", { token: accessToken })).body;
  expect(sessions).toHaveLength(2);
  const other = sessions.find((session: { current: boolean }) => !session.current);
  expect(other).toMatchObject({
    id: sessionIdOf(phone.access_token),
    user_agent: "Phone/1",
    device: "Phone",
    device_kind: "other",
    ip: "198.51.100.7",
    network: "198.51.100.0/24",
    aal: "aal1",
    ends_at: new Date(room.time + 30 * 60 * 1000).toISOString(),
  });
  expect((await room.call("DELETE", `/user/sessions/${other.id}`, { token: accessToken })).status).toBe(204);
  expect((await room.refresh(phone.refresh_token)).status).toBe(400);
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
});

test("nobody can see or revoke another person's session", async () => {
  const victim = await room.person();
  const attacker = await room.person();
  const answer = await room.call("DELETE", `/user/sessions/${sessionIdOf(victim.accessToken)}`, {
    token: attacker.accessToken,
  });
  expect(answer.status).toBe(404);
  expect((await room.call("GET", "/user", { token: victim.accessToken })).status).toBe(200);
});

test("a changed password ends the other sessions and keeps this one", async () => {
  const { email, accessToken, id } = await room.person();
  const other = (await room.signIn(email)).body;
  expect((await room.call("PUT", "/user", { token: accessToken, body: { password: otherPassword } })).status).toBe(200);
  expect((await room.refresh(other.refresh_token)).status).toBe(400);
  expect((await room.call("GET", "/user", { token: accessToken })).status).toBe(200);
  expect(room.eventsNamed("password.changed")).toMatchObject([{ subject: id, reason: "own" }]);
});

test("a twin that leaves other sessions alive after a password change is caught", async () => {
  const url = await room.listen(await room.twin({ rules: { endsOtherSessions: () => false } }));
  const { email, accessToken } = await room.person();
  const other = (await room.signIn(email)).body;
  await room.call("PUT", "/user", { token: accessToken, body: { password: otherPassword } }, url);
  expect((await room.refresh(other.refresh_token)).status).toBe(200);
});

test("two sign-ins never share a session id, and the oldest of more than a hundred sessions ends", async () => {
  const { email, accessToken } = await room.person();
  const administrator = await room.administrator();
  // Ninety-nine more, without their hashes.
  await administrator.query(
    `insert into auth.sessions (id, user_id, refresh_salt, rotated_at, refreshed_at, not_after, created_at, updated_at)
     select gen_random_uuid(), user_id, refresh_salt, rotated_at, refreshed_at, not_after, created_at + interval '1s' * n, updated_at
     from auth.sessions, generate_series(1, 99) n where id = $1`,
    [sessionIdOf(accessToken)],
  );
  await administrator.end();
  room.pass(200);
  const newest = (await room.signIn(email)).body;
  expect(sessionIdOf(newest.access_token)).not.toBe(sessionIdOf(accessToken));
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
});
