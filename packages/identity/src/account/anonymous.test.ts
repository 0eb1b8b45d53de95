// Somebody who gave neither an address nor a password: a session, and nothing else.
import type { Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";

const policy: Policy = { ...testPolicy, identity: { ...testPolicy.identity, anonymous: true } };
const room = new TestIdentity();
beforeAll(() => room.start({ policy }));
afterAll(() => room.stop());

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
const signUp = (headers: Record<string, string> = {}, url = room.url) =>
  room.call("POST", "/signup", { body: { data: { theme: "dark" } }, headers }, url);

test("an anonymous person gets a session that says so, and no role, though accounts have a default one", async () => {
  const { status, body } = await signUp();
  expect(status).toBe(200);
  expect(body.user).toMatchObject({ is_anonymous: true, phone: "", app_metadata: { roles: [] }, identities: [] });
  expect(body.user.email).toBe("");
  expect(body.user.user_metadata).toEqual({ theme: "dark" });
  expect(claimsOf(body.access_token)).toMatchObject({
    is_anonymous: true,
    role: "authenticated",
    app_metadata: { roles: [] },
    amr: [{ method: "anonymous" }],
  });
  expect(room.eventsNamed("account.created").at(-1)).toMatchObject({ subject: body.user.id, reason: "anonymous" });
  expect(room.eventsNamed("signin.succeeded").at(-1)).toMatchObject({ subject: body.user.id, reason: "anonymous" });
});

test("a rule that gives them the default roles is seen in their token", async () => {
  const careless = await room.twin({ policy, rules: { rolesOfAnonymous: (_isAllowed, roles) => roles } });
  const { body } = await signUp({}, await room.listen(careless));
  expect(claimsOf(body.access_token).app_metadata.roles).toEqual(["reader"]);
});

test("roles in the body are not even looked at", async () => {
  const body = { app_metadata: { roles: ["admin"] }, roles: ["admin"], role: "service_role", data: {} };
  const answer = await room.call("POST", "/signup", { body });
  expect(claimsOf(answer.body.access_token)).toMatchObject({ role: "authenticated", app_metadata: { roles: [] } });
});

test("without the policy's word nobody is anonymous, and a closed sign-up is closed to them too", async () => {
  const off = await room.listen(await room.twin({ policy: testPolicy }));
  expect((await signUp({}, off)).body.code).toBe("anonymous_provider_disabled");
  expect(room.eventsNamed("account.refused").at(-1)?.reason).toBe("anonymous_provider_disabled");
  const closed = { ...policy, identity: { ...policy.identity, signUp: "closed" as const } };
  expect((await signUp({}, await room.listen(await room.twin({ policy: closed })))).body.code).toBe("signup_disabled");
});

test("one address makes thirty in an hour and no more", async () => {
  const headers = { "x-holdfast-address": "192.0.2.77" };
  for (let count = 0; count < 30; count += 1) expect((await signUp(headers)).status).toBe(200);
  const refused = await signUp(headers);
  expect(refused.body.code).toBe("over_request_rate_limit");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  room.pass(3600);
  expect((await signUp(headers)).status).toBe(200);
});

test("they enrol no factor", async () => {
  const { body } = await signUp();
  const answer = await room.call("POST", "/factors", { token: body.access_token, body: { factor_type: "totp" } });
  expect(answer).toMatchObject({ status: 403, body: { code: "no_authorization" } });
});

test("an empty address signs nobody in, though anonymous accounts have it", async () => {
  const answer = await room.call("POST", "/token?grant_type=password", { body: { email: " ", password: "" } });
  expect(answer.body.code).toBe("invalid_credentials");
});

test("a sweep removes whom nobody can come back to after thirty days, and nobody else", async () => {
  const { body } = await signUp();
  const permanent = await room.person();
  const isThere = async (id: string) => {
    const token = await room.identity.issueServiceKey();
    return (await room.call("GET", `/admin/users/${id}`, { token })).status === 200;
  };
  room.pass(29 * 86_400);
  await room.identity.sweep();
  expect(await isThere(body.user.id)).toBe(true);
  room.pass(86_400);
  await room.identity.sweep();
  expect(await isThere(body.user.id)).toBe(false);
  expect(await isThere(permanent.id)).toBe(true);
  const event = room.eventsNamed("account.deleted").find(({ subject }) => subject === body.user.id);
  expect(event?.reason).toBe("left-anonymous");
});

test("a session that lives on keeps its anonymous account", async () => {
  const session = { ...policy.identity.session, idleSeconds: 40 * 86_400, absoluteSeconds: 40 * 86_400 };
  const patient = await room.twin({ policy: { ...policy, identity: { ...policy.identity, session } } });
  const { body } = await signUp({}, await room.listen(patient));
  room.pass(31 * 86_400);
  await patient.sweep();
  const token = await room.identity.issueServiceKey();
  expect((await room.call("GET", `/admin/users/${body.user.id}`, { token })).status).toBe(200);
});
