// A change of address: both sides, one step each, and nothing that was sent for the old one lives on.
import type { Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  goodPassword,
  newEmail,
  otherPassword,
  type Person,
  TestIdentity,
  testPolicy,
} from "../testing/start-identity.ts";

const policy: Policy = { ...testPolicy, identity: { ...testPolicy.identity, anonymous: true } };
const room = new TestIdentity();
beforeAll(() => room.start({ policy }));
afterAll(() => room.stop());

const change = (token: string, body: unknown, url = room.url) => room.call("PUT", "/user", { token, body }, url);
const tokenOf = (address: string) =>
  new URL(room.mailTo(address, "confirm-email-change")?.link ?? "https://none.test").searchParams.get("token") ?? "";
const follow = (address: string, url = room.url) =>
  room.call("POST", "/verify", { body: { type: "email_change", token_hash: tokenOf(address) } }, url);

/** The same session after the time in which a sign-in is recent. */
async function later(person: Person): Promise<{ readonly token: string; readonly email: string }> {
  room.pass(16 * 60);
  const { body } = await room.refresh(person.refreshToken);
  return { token: body.access_token, email: person.email };
}

async function asked(): Promise<{ readonly person: Person; readonly email: string }> {
  const person = await room.person();
  const email = newEmail();
  const { status, body } = await change(person.accessToken, { email });
  expect(status).toBe(200);
  expect(body).toMatchObject({ email: person.email, new_email: email, email_change_sent_at: expect.any(String) });
  return { person, email };
}

test("the address changes when both have agreed, in either order, and not before", async () => {
  for (const order of [0, 1]) {
    const { person, email } = await asked();
    const [first = "", second = ""] = order === 0 ? [person.email, email] : [email, person.email];
    const half = await follow(first);
    expect(half).toMatchObject({ status: 200, body: { code: "200", msg: expect.stringContaining("other email") } });
    expect((await room.signIn(email)).status, "the new address opens nothing yet").toBe(400);
    const whole = await follow(second);
    expect(whole.body.user).toMatchObject({ id: person.id, email, email_confirmed_at: expect.any(String) });
    expect(whole.body.user.new_email).toBeUndefined();
    expect(whole.body.user.identities[0].identity_data).toMatchObject({ email, email_verified: true });
    expect((await room.signIn(email)).status).toBe(200);
    expect((await room.signIn(person.email)).status).toBe(400);
  }
});

test("one side twice is still one side", async () => {
  const { person, email } = await asked();
  await follow(email);
  expect((await follow(email)).body.code).toBe("otp_expired");
  expect((await room.signIn(person.email)).status).toBe(200);
});

test("a rule that asks the new address alone changes it with one confirmation", async () => {
  const careless = await room.listen(await room.twin({ policy, rules: { confirmationsOfChange: () => ["new"] } }));
  const { email } = await asked();
  expect((await follow(email, careless)).body.user).toMatchObject({ email });
});

test("the code is as good as the link, with the address it was sent to", async () => {
  const { person, email } = await asked();
  const type = async (address: string) => {
    const token = room.mailTo(address, "confirm-email-change")?.code;
    return await room.call("POST", "/verify", { body: { type: "email_change", email: address, token } });
  };
  expect((await type(person.email)).body.code).toBe("200");
  expect((await type(email)).body.user.email).toBe(email);
});

test("its sessions end, the old address is told, and every step is an event", async () => {
  const { person, email } = await asked();
  await follow(person.email);
  const { body } = await follow(email);
  expect((await room.call("GET", "/user", { token: person.accessToken })).body.code).toBe("session_not_found");
  expect((await room.call("GET", "/user", { token: body.access_token })).status).toBe(200);
  expect(room.mailTo(person.email)?.kind).toBe("address-changed");
  const reasons = room.eventsNamed("account.changed").filter(({ subject }) => subject === person.id);
  expect(reasons.map(({ reason }) => reason)).toEqual([
    "address-requested",
    "address-half-confirmed",
    "address-half-confirmed",
    "address",
  ]);
});

test("a taken address is answered like a free one, and only its owner is told", async () => {
  const owner = await room.person();
  const person = await room.person();
  const free = await change(person.accessToken, { email: newEmail() });
  const other = await room.person();
  const taken = await change(other.accessToken, { email: owner.email });
  expect(taken.status).toBe(free.status);
  expect(Object.keys(taken.body)).toEqual(Object.keys(free.body));
  expect(room.mailTo(owner.email)?.kind).toBe("address-taken");
  await follow(other.email);
  expect((await room.signIn(owner.email)).body.user.id).toBe(owner.id);
});

test("a later wish forgets an earlier one and what was agreed to it", async () => {
  const { person, email: first } = await asked();
  await follow(person.email);
  const stale = tokenOf(first);
  room.pass(61);
  const second = newEmail();
  await change(person.accessToken, { email: second });
  const answer = await room.call("POST", "/verify", { body: { type: "email_change", token_hash: stale } });
  expect(answer.body.code).toBe("otp_expired");
  expect((await follow(second)).body.code, "the old address agreed to the first only").toBe("200");
});

test("a second wish within a minute is refused", async () => {
  const { person } = await asked();
  const again = await change(person.accessToken, { email: newEmail() });
  expect(again).toMatchObject({ status: 429, body: { code: "over_email_send_rate_limit" } });
});

test("without a recent sign-in it needs the password or a code, and with a factor it needs the factor", async () => {
  const { token } = await later(await room.person());
  const email = newEmail();
  expect((await change(token, { email })).body.code).toBe("reauthentication_needed");
  const wrong = await change(token, { email, current_password: otherPassword });
  expect(wrong.body.code).toBe("current_password_invalid");
  expect((await change(token, { email, current_password: goodPassword })).status).toBe(200);

  const guarded = await room.guardedPerson();
  const { body } = await room.signIn(guarded.email);
  expect((await change(body.access_token, { email: newEmail() })).body.code).toBe("insufficient_aal");
  expect((await change(guarded.accessToken, { email: newEmail() })).status).toBe(200);
});

test("a code that was mailed proves who it is, once", async () => {
  const { token, email: address } = await later(await room.person());
  expect((await room.call("GET", "/reauthenticate", { token })).body).toEqual({});
  const nonce = room.mailTo(address, "reauthenticate")?.code ?? "";
  const wrong = await change(token, { email: newEmail(), nonce: nonce === "000000" ? "000001" : "000000" });
  expect(wrong).toMatchObject({ status: 422, body: { code: "reauthentication_not_valid" } });
  expect((await change(token, { password: otherPassword, nonce })).status).toBe(200);
  expect((await change(token, { email: newEmail(), nonce })).body.code).toBe("reauthentication_not_valid");
  const again = await room.call("GET", "/reauthenticate", { token });
  expect(again.body.code).toBe("over_email_send_rate_limit");
});

test("somebody else's code proves nothing", async () => {
  const [person, other] = [await room.person(), await room.person()];
  await room.call("GET", "/reauthenticate", { token: other.accessToken });
  const nonce = room.mailTo(other.email, "reauthenticate")?.code;
  const answer = await change(person.accessToken, { email: newEmail(), nonce });
  expect(answer.body.code).toBe("reauthentication_not_valid");
});

test("what was mailed before a password changed opens nothing after it", async () => {
  const { person, email } = await asked();
  await change(person.accessToken, { password: otherPassword });
  expect((await follow(email)).body.code).toBe("otp_expired");
});

test("a wish for another address is forgotten when the password changes: nobody has its links mailed anew", async () => {
  const { person, email } = await asked();
  const changed = await change(person.accessToken, { password: otherPassword });
  expect(changed.body.new_email).toBeUndefined();
  room.pass(120);
  const mails = room.inbox.messages().filter(({ kind }) => kind === "confirm-email-change").length;
  const body = { type: "email_change", email: person.email };
  expect((await room.call("POST", "/resend", { body })).status).toBe(200);
  expect(room.inbox.messages().filter(({ kind }) => kind === "confirm-email-change")).toHaveLength(mails);
  expect((await follow(email)).body.code).toBe("otp_expired");
  // Without a change of the password the same request mails them.
  const other = await asked();
  room.pass(120);
  await room.call("POST", "/resend", { body: { type: "email_change", email: other.person.email } });
  expect(room.inbox.messages().filter(({ kind }) => kind === "confirm-email-change")).toHaveLength(mails + 4);
});

test("an administrator who replaces the address ends what was mailed for it", async () => {
  const { person, email } = await asked();
  const token = await room.identity.issueServiceKey();
  await room.call("PUT", `/admin/users/${person.id}`, { token, body: { email: newEmail(), email_confirm: true } });
  expect((await follow(email)).body.code).toBe("otp_expired");
});

test("an anonymous person becomes a permanent one under the same id, with the password of that attempt", async () => {
  const { body } = await room.call("POST", "/signup", { body: {} });
  const alone = await change(body.access_token, { password: goodPassword });
  expect(alone).toMatchObject({ status: 422, body: { code: "validation_failed" } });
  const email = newEmail();
  expect((await change(body.access_token, { email, password: goodPassword })).body.is_anonymous).toBe(true);
  expect((await room.signIn(email)).status, "until then there is no way in").toBe(400);
  const whole = await follow(email);
  expect(whole.body.user).toMatchObject({ id: body.user.id, email, is_anonymous: false });
  expect(whole.body.user.app_metadata).toEqual({ provider: "email", providers: ["email"], roles: ["reader"] });
  expect((await room.signIn(email)).status).toBe(200);
  expect((await room.call("GET", "/user", { token: body.access_token })).body.code).toBe("session_not_found");
  expect(room.eventsNamed("role.changed").at(-1)).toMatchObject({ reason: "made-permanent", subject: body.user.id });
});

test("of both confirmations at the same moment one completes the change", async () => {
  const { person, email } = await asked();
  const answers = await Promise.all([follow(person.email), follow(email)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  const complete = answers.filter(({ body }) => body.user !== undefined);
  expect(complete).toHaveLength(1);
  expect((await room.signIn(email)).status).toBe(200);
});
