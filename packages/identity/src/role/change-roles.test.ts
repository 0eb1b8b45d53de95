// A privileged role is given by two administrators, once; any other by one. What is taken away is gone at once, what is given
// counts from the next token (a privileged one from the next sign-in), and what was given for a time ends with it.
import { randomUUID } from "node:crypto";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Identity } from "../identity.ts";
import { goodPassword, newEmail, otherPassword, type Person, TestIdentity } from "../testing/start-identity.ts";
import type { Administrator } from "./administration.ts";
import { requestLifeMs } from "./change-roles.ts";

const room = new TestIdentity();
const caller = {
  requestId: randomUUID(),
  correlation: undefined,
  address: "127.0.0.1",
  userAgent: "",
  route: "POST /t",
};
const reason = "Takes over from Bea in June";
let key = "";
let [anna, bea]: Person[] = [];
beforeAll(async () => {
  await room.start();
  key = await room.identity.issueServiceKey();
  [anna, bea] = [await room.person(["admin"]), await room.person(["admin"])];
});
afterAll(() => room.stop());
beforeEach(() => {
  room.events.length = 0;
});

const by = (person: Person | undefined) => ({
  actor: { kind: "administrator", id: person?.id ?? "" } satisfies Administrator,
  caller,
});

const rolesNow = async (person: Person): Promise<unknown> =>
  (decodeJwt((await room.signIn(person.email)).body.access_token).app_metadata as { roles: unknown }).roles;

async function ask(person: Person, until: number | null = null, identity: Identity = room.identity) {
  const outcome = await identity.administration.wishRole(by(anna), { userId: person.id, role: "admin", reason, until });
  if (outcome.kind !== "requested") throw new Error("A privileged role was given without approval.");
  return outcome.request;
}

const approve = (id: string, who = bea, identity: Identity = room.identity) =>
  identity.administration.decideRole(by(who), { id, decision: "approved", note: "" });

test("a privileged role is asked for by one administrator, approved by another, and each step is an event", async () => {
  const person = await room.person();
  const request = await ask(person);
  expect(await rolesNow(person)).toEqual(["reader"]);
  expect(await room.identity.administration.roleRequests("open")).toMatchObject([
    { id: request.id, requestedBy: anna?.id },
  ]);
  await expect(ask(person)).rejects.toMatchObject({ code: "conflict" });
  await approve(request.id);
  expect(await rolesNow(person)).toEqual(["admin", "reader"]);
  const { roles } = await room.identity.administration.person(person.id);
  expect(roles).toMatchObject([
    { role: "admin", grantedBy: anna?.id, approvedBy: bea?.id, reason },
    { role: "reader" },
  ]);
  const [asked, approved, changed] = ["role.requested", "role.approved", "role.changed"].map((name) =>
    room.eventsNamed(name as "role.requested"),
  );
  expect(asked).toMatchObject([{ subject: person.id, actor: anna?.id, detail: { role: "admin", why: reason } }]);
  expect(approved).toMatchObject([{ subject: person.id, actor: bea?.id }]);
  expect(changed).toMatchObject([{ subject: person.id, reason: "approved", detail: { added: "admin" } }]);
});

test("whoever asked and whoever gains cannot decide, and a refusal is recorded", async () => {
  const carl = await room.guardedPerson(["admin"]);
  const person = await room.person();
  const request = await ask(person);
  await expect(approve(request.id, anna)).rejects.toMatchObject({ code: "approver_not_independent" });
  const stranger = await room.person();
  await expect(approve(request.id, stranger)).rejects.toMatchObject({ code: "not_admin" });
  expect(room.eventsNamed("admin.refused").map((event) => event.reason)).toEqual([
    "approver_not_independent",
    "not_admin",
  ]);
  expect(await rolesNow(person)).toEqual(["reader"]);
  await room.identity.administration.decideRole(by(carl), { id: request.id, decision: "refused", note: "not yet" });
  await expect(approve(request.id)).rejects.toMatchObject({ code: "role_request_closed" });
  expect(room.eventsNamed("role.refused")).toMatchObject([
    { reason: "refused", actor: carl.id, detail: { note: "not yet" } },
  ]);
});

test("a request is decided once: of many approvals at the same moment one counts, and none after a removal", async () => {
  const person = await room.person();
  const request = await ask(person);
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => approve(request.id)));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await room.identity.administration.withdrawRole(by(bea), {
    userId: person.id,
    role: "admin",
    reason: "Left the team",
  });
  await expect(approve(request.id)).rejects.toMatchObject({ code: "role_request_closed" });
  expect(await rolesNow(person)).toEqual(["reader"]);
  const careless = await room.twin({ rules: { decidesAgain: () => true } });
  await approve(request.id, bea, careless);
  expect(await rolesNow(person)).toEqual(["admin", "reader"]);
});

test("with a careless rule one administrator is enough, which the tests above would see", async () => {
  const careless = await room.twin({ rules: { mayDecide: () => true, mayGrantAlone: () => true } });
  const person = await room.person();
  const wish = { userId: person.id, role: "admin", reason, until: null };
  expect(await careless.administration.wishRole(by(anna), wish)).toEqual({ kind: "granted" });
  const other = await room.person();
  await approve((await ask(other)).id, anna, careless);
  expect(await rolesNow(other)).toEqual(["admin", "reader"]);
});

test("a request that waits for a week is void, and so is one whose author is no administrator any more", async () => {
  const person = await room.person();
  const request = await ask(person);
  room.pass(requestLifeMs / 1000);
  await expect(approve(request.id)).rejects.toMatchObject({ code: "role_request_closed" });
  await room.identity.sweep();
  expect(room.eventsNamed("role.refused")).toContainEqual(
    expect.objectContaining({ reason: "expired", subject: person.id }),
  );
  const dora = await room.person(["admin"]);
  const wish = { userId: person.id, role: "admin", reason, until: null };
  const asked = await room.identity.administration.wishRole(by(dora), wish);
  await room.identity.administration.withdrawRole(by(anna), {
    userId: dora.id,
    role: "admin",
    reason: "Left the team",
  });
  const id = asked.kind === "requested" ? asked.request.id : "";
  await expect(approve(id)).rejects.toMatchObject({ code: "role_request_closed" });
});

test("one administrator gives an unprivileged role, and a grant for a time ends with it, token and all", async () => {
  const person = await room.person();
  const until = room.time + 90_000;
  const wish = { userId: person.id, role: "editor", reason, until };
  expect(await room.identity.administration.wishRole(by(anna), wish)).toEqual({ kind: "granted" });
  const { body } = await room.signIn(person.email);
  expect(decodeJwt(body.access_token).exp).toBe(Math.floor(until / 1000));
  room.pass(90);
  expect((await room.refresh(body.refresh_token)).body.user.app_metadata.roles).toEqual(["reader"]);
  await room.identity.sweep();
  expect(room.eventsNamed("role.changed").at(-1)).toMatchObject({ reason: "expired", detail: { removed: "editor" } });
  expect((await room.identity.administration.person(person.id)).roles.map(({ role }) => role)).toEqual(["reader"]);
});

test("a role that is taken away ends the sessions; a careless rule would keep them", async () => {
  const [person, other] = [await room.person(["editor"]), await room.person(["editor"])];
  const taken = (who: Person) => ({ userId: who.id, role: "editor", reason: "Left the team" });
  await room.identity.administration.withdrawRole(by(anna), taken(person));
  expect((await room.refresh(person.refreshToken)).status).toBe(400);
  expect(room.eventsNamed("session.ended")).toMatchObject([{ subject: person.id, reason: "role-removed" }]);
  const careless = await room.twin({ rules: { endsSessionsWithRole: () => false } });
  await careless.administration.withdrawRole(by(anna), taken(other));
  expect((await room.refresh(other.refreshToken)).status).toBe(200);
});

test("a privileged role ends the sessions of before, since one may be a thief's, and any other role none; a careless rule keeps them", async () => {
  const [raised, other, kept] = [await room.person(), await room.person(), await room.person()];
  await approve((await ask(raised)).id);
  expect((await room.call("GET", "/user", { token: raised.accessToken })).body.code).toBe("session_not_found");
  expect((await room.refresh(raised.refreshToken)).status).toBe(400);
  expect(room.eventsNamed("session.ended")).toMatchObject([{ subject: raised.id, reason: "role-given" }]);
  expect(await rolesNow(raised), "a new sign-in has it").toContain("admin");
  const wish = { userId: other.id, role: "editor", reason, until: null };
  expect(await room.identity.administration.wishRole(by(anna), wish)).toEqual({ kind: "granted" });
  expect((await room.refresh(other.refreshToken)).status).toBe(200);
  const careless = await room.twin({ rules: { endsSessionsWithGrant: () => false } });
  await approve((await ask(kept)).id, bea, careless);
  expect((await room.refresh(kept.refreshToken)).body.user.app_metadata.roles).toContain("admin");
});

test("the service key gives no privileged role, neither at the making of an account nor later; the operator's key does", async () => {
  const operatorKey = await room.identity.issueOperatorKey();
  const person = await room.person();
  const put = (token: string, roles: readonly string[]) =>
    room.call("PUT", `/admin/users/${person.id}`, { token, body: { app_metadata: { roles } } });
  const post = (token: string) =>
    room.call("POST", "/admin/users", { token, body: { email: newEmail(), app_metadata: { roles: ["admin"] } } });
  for (const answer of [await put(key, ["admin"]), await post(key)]) {
    expect([answer.status, answer.body.code]).toEqual([403, "role_approval_required"]);
  }
  expect(room.eventsNamed("admin.refused")).toHaveLength(2);
  expect(await rolesNow(person)).toEqual(["reader"]);
  expect((await put(key, ["reader", "editor"])).status).toBe(200);
  expect((await put(operatorKey, ["reader", "admin"])).status).toBe(200);
  expect((await post(operatorKey)).status).toBe(200);
  // What is there already may stay, and may be taken away.
  expect((await put(key, ["admin"])).body.app_metadata.roles).toEqual(["admin"]);
  expect((await put(key, ["reader"])).body.app_metadata.roles).toEqual(["reader"]);
});

test("nobody becomes an administrator by resetting one: password, address and factors are the operator's", async () => {
  const operatorKey = await room.identity.issueOperatorKey();
  const admin = await room.guardedPerson(["admin"]);
  const put = (token: string, body: object) => room.call("PUT", `/admin/users/${admin.id}`, { token, body });
  const factor = `/admin/users/${admin.id}/factors/${admin.factorId}`;
  for (const answer of [
    await put(key, { password: otherPassword }),
    await put(key, { email: newEmail() }),
    await room.call("DELETE", factor, { token: key }),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, "privileged_account"]);
  }
  const removal = room.identity.administration.removeFactor(by(anna), admin.id, admin.factorId, "Lost the phone");
  await expect(removal).rejects.toMatchObject({ code: "privileged_account" });
  expect((await room.signIn(admin.email, goodPassword)).status).toBe(200);
  expect((await put(operatorKey, { password: otherPassword })).status).toBe(200);
  expect((await room.call("DELETE", factor, { token: operatorKey })).status).toBe(200);
});

test("a change of metadata never brings back a role that was taken away meanwhile", async () => {
  const person = await room.person(["admin"]);
  const put = (body: object) => room.call("PUT", `/admin/users/${person.id}`, { token: key, body });
  const gone = `update auth.users set raw_app_meta_data = '{"roles":[]}' where id = $1`;
  const [plain] = await room.race("users", person.id, [() => put({ app_metadata: { plan: "pro" } })], gone);
  expect(plain?.body.app_metadata).toMatchObject({ plan: "pro", roles: [] });
  const back = `update auth.users set raw_app_meta_data = '{"roles":["admin"]}' where id = $1`;
  await (await room.administrator()).query(back, [person.id]);
  const named = { app_metadata: { roles: ["admin"] } };
  const [answer] = await room.race("users", person.id, [() => put(named)], gone);
  expect(answer?.body.code).toBe("conflict");
});

test("people are found by the beginning of an address, by id and by role, a page at a time", async () => {
  const { administration } = room.identity;
  const person = await room.person(["editor"]);
  expect((await administration.people({ search: person.email.slice(0, 12), limit: 5 })).people).toMatchObject([
    { id: person.id, email: person.email, sessions: 1 },
  ]);
  expect((await administration.people({ search: person.id, limit: 5 })).people).toHaveLength(1);
  expect((await administration.people({ search: "%", limit: 5 })).people).toEqual([]);
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let page = 0; page < 50 && cursor !== null; page += 1) {
    const found: Awaited<ReturnType<typeof administration.people>> = await administration.people({ cursor, limit: 3 });
    seen.push(...found.people.map(({ id }) => id));
    cursor = found.next;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toContain(anna?.id);
  const editors = await administration.people({ roles: ["editor"], limit: 50 });
  expect(editors.people.every(({ roles }) => roles.some(({ role }) => role === "editor"))).toBe(true);
  expect((await administration.roleClasses()).reduce((sum, one) => sum + one.people, 0)).toBe(seen.length);
});

test("a link that was made for an ordinary account dies when it becomes privileged, and lives on with any other role", async () => {
  const linkTo = async (person: Person): Promise<string> => {
    const body = { type: "recovery", email: person.email };
    return (await room.call("POST", "/admin/generate_link", { token: key, body })).body.hashed_token;
  };
  const follow = (token_hash: string) => room.call("POST", "/verify", { body: { type: "recovery", token_hash } });
  const [raised, other] = [await room.person(), await room.person()];
  const [old, kept] = [await linkTo(raised), await linkTo(other)];
  await approve((await ask(raised)).id);
  const wish = { userId: other.id, role: "editor", reason, until: null };
  expect(await room.identity.administration.wishRole(by(anna), wish)).toEqual({ kind: "granted" });
  expect((await follow(old)).status).toBe(403);
  expect((await follow(kept)).status).toBe(200);
});
