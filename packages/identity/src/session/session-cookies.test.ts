// Browser mode: tokens in cookies that no script can read.
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, goodPassword, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const browser = { "x-use-cookie": "session" };
const cookiesOf = (answer: Answer) =>
  Object.fromEntries(answer.headers.getSetCookie().map((cookie) => [cookie.split("=")[0], cookie]));
const valueOf = (cookie = "") => cookie.split(";")[0]?.split("=")[1] ?? "";
const flags = /^__Host-(access|refresh)=[A-Za-z0-9._-]+; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=\d+$/;

async function signedIn() {
  const { email } = await room.person();
  const answer = await room.signIn(email, goodPassword, browser);
  const cookies = cookiesOf(answer);
  return { answer, cookies, access: valueOf(cookies["__Host-access"]), refresh: valueOf(cookies["__Host-refresh"]) };
}

const refresh = (cookie: string, body: object = {}) =>
  room.call("POST", "/token?grant_type=refresh_token", { body, headers: { ...browser, cookie } });

test("a sign-in in browser mode puts the tokens into __Host- cookies and leaves them out of the body", async () => {
  const { answer, cookies, access } = await signedIn();
  expect(answer.body).toMatchObject({ access_token: "", refresh_token: "", token_type: "bearer", expires_in: 600 });
  expect(answer.body.user.email).toMatch(/@/);
  expect(cookies["__Host-access"]).toMatch(flags);
  expect(cookies["__Host-refresh"]).toMatch(flags);
  expect(cookies["__Host-access"]).toMatch(/Max-Age=600$/);
  expect(cookies["__Host-refresh"]).toMatch(/Max-Age=43200$/);
  expect((await room.call("GET", "/user", { token: access })).status).toBe(200);
});

test("without browser mode there are no cookies", async () => {
  const { email } = await room.person();
  expect((await room.signIn(email)).headers.getSetCookie()).toEqual([]);
});

test("a refresh in browser mode reads the cookie and only the cookie", async () => {
  const { refresh: token } = await signedIn();
  const answer = await refresh(`theme=dark; __Host-refresh=${token}`);
  expect(answer.status).toBe(200);
  expect(cookiesOf(answer)["__Host-refresh"]).toMatch(flags);
  expect(valueOf(cookiesOf(answer)["__Host-refresh"])).not.toBe(token);
  const next = valueOf(cookiesOf(answer)["__Host-refresh"]);
  expect((await refresh("", { refresh_token: next })).body.code).toBe("validation_failed");
  expect((await refresh(`__Host-refresh=${next}; __Host-refresh=${token}`)).body.code).toBe("validation_failed");
  expect((await refresh(`__host-refresh=${next}`)).body.code).toBe("validation_failed");
});

test("a cookie alone refreshes nothing where browser mode is not asked for", async () => {
  const { refresh: token } = await signedIn();
  const headers = { cookie: `__Host-refresh=${token}` };
  expect((await room.call("POST", "/token?grant_type=refresh_token", { body: {}, headers })).status).toBe(400);
});

test("a verified factor renews both cookies", async () => {
  const { access } = await signedIn();
  const { factorId, secret } = await room.enrol(access);
  const challenge_id = await room.challenge(access, factorId);
  const { codeAt } = await import("../factor/totp.ts");
  const body = { challenge_id, code: codeAt(secret, room.time) };
  const answer = await room.call("POST", `/factors/${factorId}/verify`, { token: access, body, headers: browser });
  expect(answer.body).toMatchObject({ access_token: "", refresh_token: "" });
  expect(cookiesOf(answer)["__Host-access"]).toMatch(flags);
});

test("signing out clears both cookies, also when the access token has run out", async () => {
  const { access, refresh: token } = await signedIn();
  const clear = /^__Host-(access|refresh)=; Path=\/; HttpOnly; Secure; SameSite=Strict; Max-Age=0$/;
  const expired = await signedIn();
  for (const options of [
    { token: access, headers: browser },
    { headers: { ...browser, cookie: `__Host-refresh=${expired.refresh}` } },
  ]) {
    const answer = await room.call("POST", "/logout", options);
    expect(answer.status).toBe(204);
    for (const cookie of answer.headers.getSetCookie()) expect(cookie).toMatch(clear);
    expect(answer.headers.getSetCookie()).toHaveLength(2);
  }
  for (const spent of [token, expired.refresh]) expect((await refresh(`__Host-refresh=${spent}`)).status).toBe(400);
  const stranger = await room.call("POST", "/logout", { headers: browser });
  expect(stranger.status).toBe(401);
  expect(stranger.headers.getSetCookie()).toHaveLength(2);
});

test("a spent refresh cookie signs nobody out", async () => {
  const { refresh: token } = await signedIn();
  const next = valueOf(cookiesOf(await refresh(`__Host-refresh=${token}`))["__Host-refresh"]);
  const answer = await room.call("POST", "/logout", { headers: { ...browser, cookie: `__Host-refresh=${token}` } });
  expect(answer.status).toBe(401);
  expect((await refresh(`__Host-refresh=${next}`)).status).toBe(200);
});

test("a refresh cookie under a name that only looks like ours is none", async () => {
  const { refresh: token } = await signedIn();
  expect((await refresh(`theme=dark;\u00a0__Host-refresh=${token}`)).body.message).toBe("refresh_token required");
  expect((await refresh(`theme=dark;\t__Host-refresh=${token}`)).status).toBe(200);
});
