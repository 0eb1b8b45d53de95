// An administrator acts as somebody else: only with a reason, only of ordinary people, for minutes, at aal1, and never to change
// how the person signs in.
import { defineSecurity } from "@holdfast/policy";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type GuardedPerson,
  goodPassword,
  otherPassword,
  type Person,
  TestIdentity,
  testPolicy,
} from "../testing/start-identity.ts";

const room = new TestIdentity();
const reason = "Ticket 812: cannot see her own draft";
let anna: GuardedPerson;
let person: Person;
beforeAll(async () => {
  await room.start({ policy: { ...testPolicy, identity: { ...testPolicy.identity, impersonation: true } } });
  anna = await room.guardedPerson(["admin"]);
});
afterAll(() => room.stop());
beforeEach(async () => {
  person = await room.person(["reader"]);
  room.events.length = 0;
});

const act = (token: string, body: object, url?: string) => room.call("POST", "/impersonations", { token, body }, url);

test("the session is the person's, says who acts, is worth aal1, ends in time, and both ends are events", async () => {
  const { status, body } = await act(anna.accessToken, { user_id: person.id, reason, seconds: 86_400 });
  expect(status).toBe(200);
  const claims = decodeJwt(body.access_token);
  expect(claims).toMatchObject({ sub: person.id, aal: "aal1", act: { sub: anna.id } });
  const seen = await room.call("GET", "/user", { token: body.access_token });
  expect(seen.body).toMatchObject({ id: person.id, act: { sub: anna.id, reason } });
  expect(Date.parse(seen.body.act.not_after) - room.time).toBe(30 * 60_000);
  await room.call("POST", "/logout?scope=global", { token: body.access_token });
  expect((await room.call("GET", "/user", { token: body.access_token })).status).toBe(403);
  // The person's own session goes on: whoever acted could end nothing but the acting.
  expect((await room.refresh(person.refreshToken)).status).toBe(200);
  expect(room.eventsNamed("impersonation.begun")).toMatchObject([
    { subject: person.id, actor: anna.id, detail: { why: reason } },
  ]);
  expect(room.eventsNamed("impersonation.ended")).toMatchObject([{ subject: person.id, actor: anna.id }]);
});

test("not without a reason, the role, the second factor; not of oneself, an administrator, or from an acting session", async () => {
  const bea = await room.person(["admin"]);
  const acting = (await act(anna.accessToken, { user_id: person.id, reason })).body.access_token;
  const cases: [string, string, object][] = [
    ["no-reason", anna.accessToken, { user_id: person.id, reason: "  " }],
    ["self", anna.accessToken, { user_id: anna.id, reason }],
    ["privileged", anna.accessToken, { user_id: bea.id, reason }],
    ["second-factor", bea.accessToken, { user_id: person.id, reason }],
    ["not-administrator", person.accessToken, { user_id: bea.id, reason }],
  ];
  for (const [why, token, body] of cases) {
    const answer = await act(token, body);
    expect([answer.status, answer.body.code], why).toEqual([403, "impersonation_refused"]);
    expect(room.eventsNamed("impersonation.refused").at(-1)).toMatchObject({ reason: why });
  }
  expect((await act(acting, { user_id: bea.id, reason })).body.code).toBe("impersonated_session");
  const careless = await room.listen(
    await room.twin({
      policy: { ...testPolicy, identity: { ...testPolicy.identity, impersonation: true } },
      rules: { actingRefusal: () => null },
    }),
  );
  expect((await act(anna.accessToken, { user_id: bea.id, reason }, careless)).status).toBe(200);
});

test("whoever acts changes nothing about how the person signs in", async () => {
  const { access_token: token } = (await act(anna.accessToken, { user_id: person.id, reason })).body;
  const changes: [string, string, object?][] = [
    ["PUT", "/user", { password: otherPassword }],
    ["PUT", "/user", { data: { name: "x" } }],
    ["POST", "/factors", { factor_type: "totp" }],
    ["DELETE", `/user/sessions/${decodeJwt(person.accessToken).session_id}`],
  ];
  for (const [method, path, body] of changes) {
    const answer = await room.call(method, path, { token, ...(body === undefined ? {} : { body }) });
    expect([answer.status, answer.body.code], path).toEqual([403, "impersonated_session"]);
  }
  expect(room.eventsNamed("impersonation.refused")).toHaveLength(changes.length);
});

test("it ends by itself, with the administrator's own session, with their role, and when the person ends it", async () => {
  const bea = await room.guardedPerson(["admin"]);
  const begin = async (who: Person, seconds?: number) =>
    (await act(who.accessToken, { user_id: person.id, reason, ...(seconds === undefined ? {} : { seconds }) })).body;
  const [first, second] = [await begin(bea), await begin(bea, 60)];
  room.pass(61);
  expect((await room.refresh(second.refresh_token)).body.code).toBe("session_expired");
  expect(endOf(second)).toMatchObject([{ subject: person.id, actor: bea.id, reason: "absolute" }]);
  const own = decodeJwt(first.access_token).session_id;
  const { access_token: fresh } = (await room.signIn(person.email)).body;
  expect((await room.call("DELETE", `/user/sessions/${own}`, { token: fresh })).status).toBe(204);
  expect((await room.refresh(first.refresh_token)).status).toBe(400);
  expect(endOf(first)).toMatchObject([{ subject: person.id, actor: bea.id, reason: "revoked" }]);
  const third = await begin(bea);
  await room.call("POST", "/logout?scope=local", { token: bea.accessToken });
  expect((await room.refresh(third.refresh_token)).status).toBe(400);
  expect(room.ended.at(-1)?.ids).toContain(decodeJwt(third.access_token).session_id);
  expect(endOf(third)).toMatchObject([{ subject: person.id, actor: bea.id, reason: "signed-out" }]);
  const fourth = await begin(await room.guardedPerson(["admin"]), 60);
  room.pass(61);
  await room.identity.sweep();
  expect(endOf(fourth), "when nobody comes back").toMatchObject([{ subject: person.id, reason: "absolute" }]);
});

/** The events that acting in this session ended with: always one. */
function endOf({ access_token: token }: { readonly access_token: string }) {
  const { session_id: id } = decodeJwt(token);
  return room.eventsNamed("impersonation.ended").filter(({ sessionId }) => sessionId === id);
}

test("whatever happens in the session names who acts; what the person does in their own names nobody", async () => {
  const { body } = await act(anna.accessToken, { user_id: person.id, reason });
  await room.refresh(body.refresh_token);
  await room.refresh(person.refreshToken);
  expect(room.eventsNamed("session.refreshed").map(({ actor }) => actor)).toEqual([anna.id, undefined]);
});

test("it ends when the person becomes somebody nobody may act as, and no token of it has the new right", async () => {
  const operator = await room.identity.issueOperatorKey();
  const give = (roles: readonly string[]) =>
    room.call("PUT", `/admin/users/${person.id}`, { token: operator, body: { app_metadata: { roles } } });
  const { body } = await act(anna.accessToken, { user_id: person.id, reason });
  const id = String(decodeJwt(body.access_token).session_id);
  await give(["reader", "editor"]);
  const ordinary = await room.identity.currentToken(id, "aal1");
  expect(decodeJwt(ordinary ?? "").app_metadata).toMatchObject({ roles: ["editor", "reader"] });
  await give(["reader", "editor", "admin"]);
  expect(await room.identity.currentToken(id, "aal1")).toBeNull();
  expect((await room.refresh(body.refresh_token)).status).toBe(400);
  expect(endOf(body)).toMatchObject([{ subject: person.id, actor: anna.id, reason: "role-given" }]);
});

test("it ends with the administrator's own session also where a newer one ends that; a twin that keeps both is caught", async () => {
  const { session, ...identity } = testPolicy.identity;
  const single = {
    ...testPolicy,
    identity: { ...identity, impersonation: true, session: { ...session, single: true } },
  };
  const lax = { sessionsBesideNewest: () => 99 };
  for (const [rules, ends] of [
    [lax, false],
    [{}, true],
  ] as const) {
    const url = await room.listen(await room.twin({ policy: single, rules }));
    const bea = await room.guardedPerson(["admin"]);
    const acting = (await act(bea.accessToken, { user_id: person.id, reason }, url)).body.access_token;
    const body = { email: bea.email, password: goodPassword };
    expect((await room.call("POST", "/token?grant_type=password", { body }, url)).status).toBe(200);
    const ended = room.ended.flatMap(({ ids }) => ids);
    expect(ended.includes(String(decodeJwt(acting).session_id))).toBe(ends);
  }
});

test("it is off unless the policy says otherwise", async () => {
  expect(
    defineSecurity({ application: { name: "a", origin: "https://localhost" }, roles: { admin: { requires: "aal2" } } })
      .identity.impersonation,
  ).toBe(false);
  const off = await room.listen(await room.twin());
  expect((await act(anna.accessToken, { user_id: person.id, reason }, off)).body.code).toBe("feature_disabled");
});
