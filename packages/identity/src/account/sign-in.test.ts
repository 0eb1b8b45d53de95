// Attacks on signing in and signing up, in pairs: guessing, spraying, enumerating, assigning oneself roles.
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Answer,
  goodPassword,
  newEmail,
  otherPassword,
  TestIdentity,
  testPolicy,
} from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

/** What an attacker can compare: everything but ids and times. */
const visible = ({ status, headers, body }: Answer) => ({
  status,
  headers: [...headers.keys()].filter((name) => name !== "date" && name !== "content-length").sort(),
  body: JSON.parse(
    JSON.stringify(body)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "id")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "time"),
  ),
});

const wrong = (email: string, headers = {}) => room.signIn(email, otherPassword, headers);

test("an unknown address and a wrong password get the same answer", async () => {
  const { email } = await room.person();
  const [known, unknown] = [await wrong(email), await wrong(newEmail())];
  expect(known.status).toBe(400);
  expect(visible(unknown)).toEqual(visible(known));
  expect(room.eventsNamed("signin.failed").map(({ reason }) => reason)).toEqual(["wrong-password", "unknown-account"]);
});

test("a twin that tells who has an account is caught", async () => {
  const url = await room.listen(await room.twin({ rules: { revealsUnknownAccounts: () => true } }));
  const { email } = await room.person();
  const body = (address: string) => ({ body: { email: address, password: otherPassword } });
  const known = await room.call("POST", "/token?grant_type=password", body(email), url);
  const unknown = await room.call("POST", "/token?grant_type=password", body(newEmail()), url);
  expect(visible(unknown)).not.toEqual(visible(known));
});

test("signing up with a taken address gets the same answer as with a free one, and changes nothing", async () => {
  const { email, id } = await room.person();
  const signUp = (address: string) =>
    room.call("POST", "/signup", { body: { email: address, password: otherPassword, data: { a: 1 } } });
  const free = newEmail();
  const [taken, fresh] = [await signUp(email), await signUp(free)];
  expect(taken.status).toBe(200);
  const text = (answer: Answer, address: string) => JSON.stringify(visible(answer)).replaceAll(address, "address");
  expect(text(taken, email)).toBe(text(fresh, free));
  expect(taken.body.id).not.toBe(id);
  expect((await room.signIn(email)).body.user).toMatchObject({ id, user_metadata: {} });
  expect((await wrong(email)).status).toBe(400);
  expect(room.eventsNamed("account.refused")).toMatchObject([{ reason: "address-taken" }]);
});

test("an unknown address costs a hash like a known one: with the hash queue full both are turned away", async () => {
  const url = await room.listen(await room.twin({ hashQueue: { runningMax: 1, waitingMax: 0 } }));
  const attempt = (email: string) =>
    room.call("POST", "/token?grant_type=password", { body: { email, password: otherPassword } }, url);
  const answers = await Promise.all(Array.from({ length: 20 }, () => attempt(newEmail())));
  const refused = answers.filter(({ status }) => status === 503);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.body.code).toBe("over_capacity");
  expect(refused[0]?.headers.get("retry-after")).toBe("1");
});

test("an attempt that was turned away for lack of capacity does not count", async () => {
  const url = await room.listen(await room.twin({ hashQueue: { runningMax: 0, waitingMax: 0 } }));
  const { email } = await room.person();
  const body = { email, password: otherPassword };
  for (let n = 0; n < 10; n += 1) {
    expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(503);
  }
  expect((await room.signIn(email)).status).toBe(200);
});

async function guess(email: string, times: number): Promise<readonly number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n += 1) statuses.push((await wrong(email)).status);
  return statuses;
}

test("an account is locked after its failures, also for the right password and from other addresses, until the window ends", async () => {
  const { email, id } = await room.person();
  expect(await guess(email, 6)).toEqual([400, 400, 400, 400, 400, 429]);
  const right = await room.signIn(email);
  expect(right.status).toBe(429);
  expect(right.body.code).toBe("over_request_rate_limit");
  expect(right.headers.get("retry-after")).toBe("900");
  expect(room.eventsNamed("signin.locked")).toMatchObject([
    { reason: "password-account" },
    { reason: "password-account" },
  ]);
  expect(room.eventsNamed("signin.failed")[0]).toMatchObject({ subject: id, detail: { account: expect.any(String) } });
  room.pass(15 * 60);
  expect((await room.signIn(email)).status).toBe(200);
});

test("an unknown address is locked in the same way, so that a lock tells nothing", async () => {
  const { email } = await room.person();
  const unknown = newEmail();
  expect(await guess(unknown, 7)).toEqual(await guess(email, 7));
  expect(visible(await wrong(unknown))).toEqual(visible(await wrong(email)));
});

test("other spellings of an address share its limit", async () => {
  const { email } = await room.person();
  await guess(email, 3);
  await guess(email.toUpperCase(), 2);
  expect((await wrong(` ${email.replace("@", "＠")} `)).status).toBe(429);
});

test("fifty parallel guesses are no more than fifty guesses one after another", async () => {
  const { email } = await room.person();
  const answers = await Promise.all(Array.from({ length: 50 }, () => wrong(email)));
  expect(answers.filter(({ status }) => status === 400)).toHaveLength(5);
});

test("a restart forgives nobody", async () => {
  const { email } = await room.person();
  await guess(email, 5);
  const url = await room.listen(await room.twin());
  const body = { email, password: goodPassword };
  expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(429);
});

test("a success forgives the account's earlier failures", async () => {
  const { email } = await room.person();
  await guess(email, 4);
  expect((await room.signIn(email)).status).toBe(200);
  expect(await guess(email, 5)).toEqual([400, 400, 400, 400, 400]);
});

test("an address that sprays one password over many accounts is locked, with its whole IPv6 network, and locks no account", async () => {
  const { email } = await room.person();
  for (let n = 0; n < 50; n += 1) {
    const headers = { "x-holdfast-address": `2001:db8:7:7::${n.toString(16)}` };
    expect((await wrong(newEmail(), headers)).status).toBe(400);
  }
  const same = { "x-holdfast-address": "2001:db8:7:7:ffff::1" };
  expect((await room.signIn(email, goodPassword, same)).status).toBe(429);
  expect(room.eventsNamed("signin.locked")).toMatchObject([{ reason: "password-address" }]);
  for (let n = 0; n < 10; n += 1) await wrong(email, same);
  const elsewhere = { "x-holdfast-address": "2001:db8:7:8::1" };
  expect((await room.signIn(email, goodPassword, elsewhere)).status).toBe(200);
});

test("a twin without limits is caught guessing", async () => {
  const url = await room.listen(await room.twin({ rules: { isLockedOut: () => false } }));
  const { email } = await room.person();
  const statuses = [];
  for (let n = 0; n < 7; n += 1) {
    const body = { email, password: otherPassword };
    statuses.push((await room.call("POST", "/token?grant_type=password", { body }, url)).status);
  }
  expect(statuses).not.toContain(429);
});

const selfService = {
  email: "",
  password: goodPassword,
  role: "service_role",
  roles: ["admin"],
  app_metadata: { roles: ["admin"] },
  data: { roles: ["admin"], role: "service_role", app_metadata: { roles: ["admin"] } },
  is_admin: true,
};

test("nobody gives themselves roles: not at sign-up, not in their metadata, not by changing their account", async () => {
  const email = newEmail();
  await room.call("POST", "/signup", { body: { ...selfService, email } });
  const { access_token: token } = (await room.signIn(email)).body;
  await room.call("PUT", "/user", { token, body: { ...selfService, email, password: otherPassword } });
  const { body } = await room.signIn(email, otherPassword);
  expect(decodeJwt(body.access_token)).toMatchObject({
    role: "authenticated",
    app_metadata: { roles: ["reader"] },
    user_metadata: {},
  });
});

test("a twin that believes the body about roles is caught", async () => {
  const rolesOfNewAccount = (_: unknown, body: unknown) => (body as typeof selfService).app_metadata.roles;
  const url = await room.listen(await room.twin({ rules: { rolesOfNewAccount } }));
  const email = newEmail();
  await room.call("POST", "/signup", { body: { ...selfService, email } }, url);
  expect(decodeJwt((await room.signIn(email)).body.access_token)).toMatchObject({ app_metadata: { roles: ["admin"] } });
});

test("with sign-up closed nobody can make an account", async () => {
  const closed = { ...testPolicy, identity: { ...testPolicy.identity, signUp: "closed" as const } };
  const url = await room.listen(await room.twin({ policy: closed }));
  const body = { email: newEmail(), password: goodPassword };
  expect((await room.call("POST", "/signup", { body }, url)).body.code).toBe("signup_disabled");
  expect(room.eventsNamed("account.refused")).toMatchObject([{ reason: "sign-up-closed" }]);
  expect((await room.call("GET", "/settings", {}, url)).body.disable_signup).toBe(true);
});

test("one address cannot sign up without end", async () => {
  const url = await room.listen(await room.twin({ rules: { passwordWeaknesses: () => ["pwned"] } }));
  const headers = { "x-holdfast-address": "203.0.113.9" };
  const attempt = () =>
    room.call("POST", "/signup", { body: { email: newEmail(), password: goodPassword }, headers }, url);
  for (let n = 0; n < 50; n += 1) expect((await attempt()).status).toBe(422);
  expect((await attempt()).status).toBe(429);
});

test("a password counts in every spelling that Unicode calls the same, and in full length", async () => {
  const email = newEmail();
  const long = `${"långe-ord-".repeat(8)}1`;
  expect(long.length).toBeGreaterThan(64);
  await room.call("POST", "/signup", { body: { email, password: long.normalize("NFD") } });
  for (const form of ["NFC", "NFD"]) expect((await room.signIn(email, long.normalize(form))).status).toBe(200);
  expect((await room.signIn(email, long.slice(0, -1))).status).toBe(400);
  const tooLong = await room.call("POST", "/signup", { body: { email: newEmail(), password: "é".repeat(513) } });
  expect(tooLong.body.code).toBe("validation_failed");
});

test("events of a sign-in tell who, whence and in which request, and hold no secret", async () => {
  const { email, id } = await room.person();
  const headers = {
    "x-holdfast-address": "198.51.100.3",
    "x-holdfast-request-id": "0a1b2c3d-0000-4000-8000-000000000000",
    "x-holdfast-correlation": "check-17",
    "x-holdfast-route": "POST /auth/v1/token",
  };
  await room.signIn(email, goodPassword, headers);
  expect(room.eventsNamed("signin.succeeded").at(-1)).toMatchObject({
    subject: id,
    address: "198.51.100.3",
    requestId: headers["x-holdfast-request-id"],
    correlation: "check-17",
    route: "POST /auth/v1/token",
    service: "identity",
  });
  await wrong(email);
  const text = JSON.stringify(room.events);
  for (const secret of [goodPassword, otherPassword, email]) expect(text).not.toContain(secret);
});

test("a banned account cannot sign in, refresh or use a token, and its sessions end at once", async () => {
  const person = await room.person();
  const key = await room.identity.issueServiceKey();
  await room.call("PUT", `/admin/users/${person.id}`, { token: key, body: { ban_duration: "24h" } });
  expect(room.ended.at(-1)?.ids).toContain(decodeJwt(person.accessToken).session_id);
  expect((await room.signIn(person.email)).body.code).toBe("user_banned");
  expect((await wrong(person.email)).body.code).toBe("invalid_credentials");
  expect((await room.refresh(person.refreshToken)).status).toBe(400);
  expect((await room.call("GET", "/user", { token: person.accessToken })).status).toBe(403);
  room.pass(24 * 3600);
  expect((await room.signIn(person.email)).status).toBe(200);
});

test("a ban that reached the database some other way is respected by every call", async () => {
  const person = await room.person();
  const administrator = await room.administrator();
  await administrator.query("update auth.users set banned_until = $2 where id = $1", [
    person.id,
    new Date(room.time + 60_000),
  ]);
  await administrator.end();
  expect((await room.call("GET", "/user", { token: person.accessToken })).body.code).toBe("user_banned");
  expect((await room.refresh(person.refreshToken)).body.code).toBe("refresh_token_not_found");
});

test("a twin that forgets bans is caught", async () => {
  const url = await room.listen(await room.twin({ rules: { isBanned: () => false } }));
  const person = await room.person();
  const key = await room.identity.issueServiceKey();
  await room.call("PUT", `/admin/users/${person.id}`, { token: key, body: { ban_duration: "24h" } });
  const body = { email: person.email, password: goodPassword };
  expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(200);
});

test("a deleted account, softly or not, is gone with its sessions, and its address is free again", async () => {
  const key = await room.identity.issueServiceKey();
  for (const should_soft_delete of [true, false]) {
    const person = await room.person();
    const path = `/admin/users/${person.id}`;
    expect((await room.call("DELETE", path, { token: key, body: { should_soft_delete } })).status).toBe(200);
    expect((await room.signIn(person.email)).body.code).toBe("invalid_credentials");
    expect((await room.refresh(person.refreshToken)).status).toBe(400);
    expect((await room.call("GET", "/user", { token: person.accessToken })).status).toBe(403);
    expect(await room.identity.endedSessions()).toContain(decodeJwt(person.accessToken).session_id);
    await room.call("POST", "/signup", { body: { email: person.email, password: otherPassword } });
    expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
  }
});
