// Linking an identity to an account and removing one: who may, when, and what is proven by it.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { callback, landing, ProviderRoom } from "../testing/provider-room.ts";
import { walk } from "../testing/real-provider.ts";
import { newEmail } from "../testing/start-identity.ts";

const room = new ProviderRoom();
beforeAll(() => room.begin());
afterAll(() => room.end());
beforeEach(() => {
  room.events.length = 0;
  room.provider.person = { sub: randomUUID(), email: newEmail(), email_verified: true };
});

const search = new URLSearchParams({ provider: "google", redirect_to: landing, skip_http_redirect: "true" });

async function begin(token: string, url = room.url) {
  const answer = await room.call("GET", `/user/identities/authorize?${search}`, { token }, url);
  return { ...answer, cookie: (answer.headers.getSetCookie()[0] ?? "").split(";")[0] ?? "" };
}

async function link(token: string) {
  room.pass(1);
  const { body, cookie } = await begin(token);
  return await room.callback({ back: await walk(body.url, callback), cookie });
}

const identitiesOf = async (token: string) => (await room.call("GET", "/user", { token })).body.identities;

test("an identity joins the account that asked, whatever its address, and signs in to it from then on", async () => {
  const person = await room.person();
  expect((await link(person.accessToken)).fragment.access_token).toBeTruthy();
  expect(await identitiesOf(person.accessToken)).toMatchObject([{ provider: "email" }, { provider: "google" }]);
  expect(room.eventsNamed("identity.linked")).toMatchObject([{ subject: person.id, reason: "own" }]);
  const landed = await room.signInAt();
  const user = await room.call("GET", "/user", { token: landed.fragment.access_token ?? "" });
  expect(user.body.id).toBe(person.id);
});

test("an identity that somebody has is nobody else's (CVE-2026-9087), and one link proves one subject", async () => {
  await room.signInAt();
  const person = await room.person();
  expect((await link(person.accessToken)).query.error_code).toBe("identity_already_exists");
  const { body, cookie } = await begin(person.accessToken);
  room.provider.person = { sub: randomUUID(), email: newEmail(), email_verified: true };
  const back = await walk(body.url, callback);
  expect((await room.callback({ back, cookie })).fragment.access_token).toBeTruthy();
  expect((await room.callback({ back, cookie })).query.error_code).toBe("bad_oauth_state");
  expect(await identitiesOf(person.accessToken)).toHaveLength(2);
});

test("a twin in which a link takes an identity from whoever has it is caught", async () => {
  const owner = await room.signInAt();
  const twin = await room.twin({ ...room.options(), rules: { takesLinkedIdentity: () => true } });
  const url = await room.listen(twin);
  const person = await room.person();
  const { body, cookie } = await begin(person.accessToken, url);
  const back = await walk(body.url, callback);
  expect((await room.callback({ back, cookie }, url)).fragment.access_token).toBeTruthy();
  const before = await room.call("GET", "/user", { token: owner.fragment.access_token ?? "" });
  expect(before.body.identities).toEqual([]);
});

test("a link that began in a session which has ended links nothing", async () => {
  const person = await room.person();
  const { body, cookie } = await begin(person.accessToken);
  const back = await walk(body.url, callback);
  await room.call("POST", "/logout?scope=global", { token: person.accessToken });
  expect((await room.callback({ back, cookie })).query.error_code).toBe("session_not_found");
});

test("linking and removing want a recent sign-in, and the second factor where there is one", async () => {
  const guarded = await room.guardedPerson();
  const weak = (await room.signIn(guarded.email)).body.access_token;
  expect((await begin(weak)).body.code).toBe("insufficient_aal");
  const [identity] = await identitiesOf(weak);
  const remove = (token: string) => room.call("DELETE", `/user/identities/${identity.identity_id}`, { token });
  expect((await remove(weak)).body.code).toBe("insufficient_aal");
  const person = await room.person();
  room.pass(15 * 60 + 1);
  const { body } = await room.refresh(person.refreshToken);
  expect((await begin(body.access_token)).body.code).toBe("reauthentication_needed");
});

test("one of several identities is removed, the last one stays; with the address goes the password", async () => {
  const person = await room.person();
  const other = (await room.signIn(person.email)).body.access_token;
  const [own] = await identitiesOf(person.accessToken);
  const remove = (id: string, token = person.accessToken) => room.call("DELETE", `/user/identities/${id}`, { token });
  expect((await remove(own.identity_id)).body.code).toBe("single_identity_not_deletable");
  expect((await remove(randomUUID())).body.code).toBe("identity_not_found");
  await link(person.accessToken);
  const stranger = await room.person();
  expect((await remove(own.identity_id, stranger.accessToken)).body.code).toBe("identity_not_found");
  const both = (await identitiesOf(person.accessToken)) as { identity_id: string }[];
  const contenders = both.map(
    ({ identity_id }) =>
      () =>
        remove(identity_id),
  );
  const answers = await room.race("users", person.id, contenders);
  expect(answers.map(({ status }) => status).sort(), "of two at once one stays").toEqual([200, 422]);
  expect(await identitiesOf(person.accessToken)).toHaveLength(1);
  expect((await room.call("GET", "/user", { token: other })).body.code, "other sessions end").toBe("session_not_found");
  expect(room.eventsNamed("identity.removed")).toHaveLength(1);
});

test("where the policy does not let people link, both are a 404 that says so", async () => {
  const url = await room.listen(await room.twin(room.options({ linking: false })));
  const { accessToken } = await room.person();
  expect((await begin(accessToken, url)).body.code).toBe("manual_linking_disabled");
  const answer = await room.call("DELETE", `/user/identities/${randomUUID()}`, { token: accessToken }, url);
  expect([answer.status, answer.body.code]).toEqual([404, "manual_linking_disabled"]);
});

test("whoever owns the account is told by mail that an identity came or went", async () => {
  const person = await room.person();
  await link(person.accessToken);
  await expect.poll(() => room.mailTo(person.email, "identity-linked")).toBeDefined();
  const identities = (await identitiesOf(person.accessToken)) as { identity_id: string; provider: string }[];
  const google = identities.find(({ provider }) => provider === "google");
  await room.call("DELETE", `/user/identities/${google?.identity_id}`, { token: person.accessToken });
  await expect.poll(() => room.mailTo(person.email, "identity-unlinked")).toBeDefined();
});
