// The administration: who may use it, and what its changes do at once.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { goodPassword, newEmail, otherPassword, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
let key = "";
beforeAll(async () => {
  await room.start();
  key = await room.identity.issueServiceKey();
});
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const id = randomUUID();
const calls = [
  ["GET", "/admin/users"],
  ["POST", "/admin/users"],
  ["GET", `/admin/users/${id}`],
  ["PUT", `/admin/users/${id}`],
  ["DELETE", `/admin/users/${id}`],
  ["GET", `/admin/users/${id}/factors`],
  ["DELETE", `/admin/users/${id}/factors/${id}`],
] as const;

test("no administration without the service key: not for strangers, people or administrators by role", async () => {
  const admin = await room.guardedPerson(["admin"]);
  for (const [method, path] of calls) {
    const body = method === "POST" || method === "PUT" ? { body: {} } : {};
    expect((await room.call(method, path, body)).body.code).toBe("no_authorization");
    const answer = await room.call(method, path, { ...body, token: admin.accessToken });
    expect(answer.status).toBe(403);
    expect(answer.body.code).toBe("not_admin");
  }
  expect(room.eventsNamed("admin.refused")).toHaveLength(calls.length * 2);
});

test("ids that are no UUID are refused before anything is looked up", async () => {
  for (const bad of ["..", "%2e%2e%2fusers", "1", "null", `${id}x`, id.toUpperCase(), "a".repeat(80)]) {
    const answer = await room.call("GET", `/admin/users/${bad}`, { token: key });
    expect([400, 404]).toContain(answer.status);
    expect(["validation_failed", "route_not_found"]).toContain(answer.body.code);
  }
});

test("a role that is taken away ends the account's sessions; one that is added does not", async () => {
  const person = await room.person(["reader"]);
  const setRoles = (roles: unknown) =>
    room.call("PUT", `/admin/users/${person.id}`, { token: key, body: { app_metadata: { roles } } });
  expect((await setRoles(["editor", "reader", "editor"])).body.app_metadata.roles).toEqual(["editor", "reader"]);
  const refreshed = await room.refresh(person.refreshToken);
  expect(refreshed.body.user.app_metadata.roles).toEqual(["editor", "reader"]);
  await setRoles(["reader"]);
  expect((await room.refresh(refreshed.body.refresh_token)).status).toBe(400);
  expect(room.eventsNamed("role.changed")).toMatchObject([
    { subject: person.id, detail: { added: "editor", removed: "" } },
    { subject: person.id, detail: { added: "", removed: "editor" } },
  ]);
  for (const roles of [["owner"], "admin", [1], { 0: "admin" }, ["__proto__"]])
    expect((await setRoles(roles)).status).toBe(400);
});

test("application metadata is merged, null takes a key away, and provider cannot be given", async () => {
  const person = await room.person();
  const put = (app_metadata: object) =>
    room.call("PUT", `/admin/users/${person.id}`, { token: key, body: { app_metadata } });
  await put({ plan: "pro", seats: 3, provider: "github", providers: ["github"] });
  const { body } = await put({ seats: null });
  expect(body.app_metadata).toEqual({ plan: "pro", provider: "email", providers: ["email"], roles: ["reader"] });
  expect((await put({ large: "x".repeat(3000) })).status).toBe(400);
});

test("a password set by an administrator ends the account's sessions", async () => {
  const person = await room.person();
  await room.call("PUT", `/admin/users/${person.id}`, { token: key, body: { password: otherPassword } });
  expect((await room.refresh(person.refreshToken)).status).toBe(400);
  expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
});

test("a changed address is the account's address everywhere, and of two accounts that want one only one gets it", async () => {
  const people = [await room.person(), await room.person()];
  const email = newEmail();
  const wishes = people.map(({ id: who }) => room.call("PUT", `/admin/users/${who}`, { token: key, body: { email } }));
  const answers = await Promise.all(wishes);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  for (const { status, body } of answers) if (status !== 200) expect(["email_exists", "conflict"]).toContain(body.code);
  const { user } = (await room.signIn(email)).body;
  expect(user).toMatchObject({ email, identities: [{ email, identity_data: { email } }] });
});

test("an account without a password cannot be opened by any", async () => {
  const email = newEmail();
  await room.call("POST", "/admin/users", { token: key, body: { email } });
  for (const password of ["", "null", goodPassword])
    expect((await room.signIn(email, password)).body.code).toBe("invalid_credentials");
});

test("what an administrator may not do is refused with a code", async () => {
  const person = await room.person();
  const { email } = await room.person();
  const post = async (body: object) => (await room.call("POST", "/admin/users", { token: key, body })).body.code;
  const put = async (body: object) =>
    (await room.call("PUT", `/admin/users/${person.id}`, { token: key, body })).body.code;
  expect(await post({ email, password: goodPassword })).toBe("email_exists");
  expect(await put({ email })).toBe("email_exists");
  expect(await post({ email: "nobody" })).toBe("email_address_invalid");
  expect(await post({ email: newEmail(), password: "short" })).toBe("weak_password");
  expect(await post({ password: goodPassword })).toBe("validation_failed");
  expect(await put({ role: "service_role" })).toBe("validation_failed");
  expect(await put({ ban_duration: "soon" })).toBe("validation_failed");
  expect(await put({ password_hash: "$2a$10$x" })).toBe("validation_failed");
  expect(await put({ phone: "0790000000" })).toBe("validation_failed");
  expect((await room.call("PUT", `/admin/users/${id}`, { token: key, body: {} })).body.code).toBe("user_not_found");
  expect((await room.call("DELETE", `/admin/users/${id}`, { token: key })).body.code).toBe("user_not_found");
  const factor = `/admin/users/${person.id}/factors/${id}`;
  expect((await room.call("DELETE", factor, { token: key })).body.code).toBe("mfa_factor_not_found");
});

test("the list is paged, and says how many there are and where it goes on", async () => {
  for (let n = 0; n < 3; n += 1) await room.person();
  const { body, headers } = await room.call("GET", "/admin/users?page=1&per_page=2", { token: key });
  expect(body.users).toHaveLength(2);
  expect(Number(headers.get("x-total-count"))).toBeGreaterThanOrEqual(3);
  expect(headers.get("link")).toMatch(/^<\/admin\/users\?page=2>; rel="next", <\/admin\/users\?page=\d+>; rel="last"$/);
  for (const query of ["page=0", "per_page=-1", "page=x", "page=1&page=2", "page=99999999"]) {
    expect((await room.call("GET", `/admin/users?${query}`, { token: key })).status).toBe(400);
  }
  expect((await room.call("GET", "/admin/users?page=9999999", { token: key })).body.users).toEqual([]);
});

test("createAccount makes an account with roles, once", async () => {
  const email = newEmail();
  const made = await room.identity.createAccount({ email, password: goodPassword, roles: ["admin"] });
  expect((await room.signIn(email)).body.user).toMatchObject({ id: made.id, app_metadata: { roles: ["admin"] } });
  const again = room.identity.createAccount({ email, password: goodPassword, roles: [] });
  await expect(again).rejects.toMatchObject({ code: "email_exists" });
});
