// People known by a number: codes by text message, and what keeps them from being asked for by the thousand.
import { randomInt } from "node:crypto";
import type { Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { goodPassword, newEmail, otherPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const { identity } = testPolicy;
const factors = { ...identity.factors, phone: true };
const policy: Policy = {
  ...testPolicy,
  identity: { ...identity, anonymous: true, phone: { ...identity.phone, signIn: true }, factors },
};
const room = new TestIdentity();
beforeAll(() => room.start({ policy }));
afterAll(() => room.stop());

/** Of a prefix of its own, so that limits act only where a test means them. */
const newPhone = (): string => `${randomInt(10, 99)}${randomInt(10_000_000, 99_999_999)}`;
const codeTo = (phone: string) => room.mailTo(phone)?.code ?? "";
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  room.call("POST", path, { body, headers });
const verify = (phone: string, token = codeTo(phone), type = "sms") => post("/verify", { type, phone, token });

async function known(): Promise<{ readonly phone: string; readonly id: string; readonly token: string }> {
  const phone = newPhone();
  await post("/signup", { phone, password: goodPassword });
  const { body } = await verify(phone);
  return { phone, id: body.user.id, token: body.access_token };
}

test("a number signs up: the account is there once the code came back, with the password of that attempt", async () => {
  const phone = newPhone();
  const up = await post("/signup", { phone: `+${phone}`, password: goodPassword, data: { name: "Ada" } });
  expect(up.body).toMatchObject({ phone, email: "", app_metadata: { provider: "phone" } });
  expect(up.body.access_token).toBeUndefined();
  const signIn = () => post("/token?grant_type=password", { phone, password: goodPassword });
  expect((await signIn()).body.code).toBe("invalid_credentials");
  const { status, body } = await verify(phone);
  expect(status).toBe(200);
  expect(body.user).toMatchObject({ phone, user_metadata: { name: "Ada" }, app_metadata: { roles: ["reader"] } });
  expect(body.user.phone_confirmed_at).toBeDefined();
  expect((await signIn()).body.user.id).toBe(body.user.id);
});

test("somebody who signed up earlier with the same number leaves nothing behind", async () => {
  const phone = newPhone();
  await post("/signup", { phone, password: otherPassword, data: { name: "Mallory" } });
  room.pass(61);
  await post("/signup", { phone, password: goodPassword, data: { name: "Ada" } });
  expect((await verify(phone)).body.user.user_metadata).toEqual({ name: "Ada" });
  const wrong = await post("/token?grant_type=password", { phone, password: otherPassword });
  expect(wrong.body.code).toBe("invalid_credentials");
});

test("a code signs in, once, and a wrong one does not", async () => {
  const { phone, id } = await known();
  room.pass(61);
  expect((await post("/otp", { phone })).body).toEqual({});
  const code = codeTo(phone);
  expect((await verify(phone, code === "000000" ? "000001" : "000000")).body.code).toBe("otp_expired");
  expect((await verify(phone, code)).body.user.id).toBe(id);
  expect((await verify(phone, code)).body.code).toBe("otp_expired");
});

test("a code that ran out signs nobody in", async () => {
  const { phone } = await known();
  room.pass(61);
  await post("/otp", { phone });
  room.pass(301);
  expect((await verify(phone)).body.code).toBe("otp_expired");
});

test("an unknown number is answered like a known one, and gets no message when nobody may be made", async () => {
  const { phone } = await known();
  room.pass(61);
  const unknown = newPhone();
  const [one, other] = [
    await post("/otp", { phone, create_user: false }),
    await post("/otp", { phone: unknown, create_user: false }),
  ];
  expect([one.status, one.body]).toEqual([other.status, other.body]);
  expect(room.mailTo(unknown)).toBeUndefined();
  const taken = await post("/signup", { phone, password: otherPassword }, {});
  expect(taken.body.code, "the minute between two messages counts for both").toBe("over_sms_send_rate_limit");
  room.pass(61);
  const again = await post("/signup", { phone, password: otherPassword });
  expect(again.status).toBe(200);
  expect(room.mailTo(phone)?.kind).toBe("address-taken");
});

test("what is no number is refused", async () => {
  for (const phone of ["0790000000", "+41-79", "x", "4179000000012345"]) {
    expect((await post("/otp", { phone })).body.code).toBe("validation_failed");
  }
});

test("one number gets five messages an hour, and one address asks for ten", async () => {
  const phone = newPhone();
  for (let count = 0; count < 5; count += 1) {
    expect((await post("/otp", { phone })).status).toBe(200);
    room.pass(61);
  }
  const refused = await post("/otp", { phone });
  expect(refused).toMatchObject({ status: 429, body: { code: "over_sms_send_rate_limit" } });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(room.eventsNamed("signin.locked").at(-1)?.reason).toBe("sms-number");

  const headers = { "x-holdfast-address": "192.0.2.99" };
  for (let count = 0; count < 10; count += 1)
    expect((await post("/otp", { phone: newPhone() }, headers)).status).toBe(200);
  expect((await post("/otp", { phone: newPhone() }, headers)).status).toBe(429);
  expect(room.eventsNamed("signin.locked").at(-1)?.reason).toBe("sms-address");
});

test("numbers that are bought in a block share a limit", async () => {
  const prefix = `${randomInt(1_000_000, 9_999_999)}`;
  const ask = (count: number) => post("/otp", { phone: `${prefix}${1000 + count}` });
  for (let count = 0; count < 20; count += 1) expect((await ask(count)).status).toBe(200);
  expect((await ask(20)).status).toBe(429);
  expect(room.eventsNamed("signin.locked").at(-1)?.reason).toBe("sms-prefix");
});

test("with the policy's switch off every way is off", async () => {
  const off = await room.listen(await room.twin({ policy: testPolicy }));
  const phone = newPhone();
  for (const [path, body] of [
    ["/signup", { phone, password: goodPassword }],
    ["/otp", { phone }],
    ["/token?grant_type=password", { phone, password: goodPassword }],
    ["/verify", { type: "sms", phone, token: "123456" }],
    ["/resend", { type: "sms", phone }],
  ] as const) {
    expect((await room.call("POST", path, { body }, off)).body.code, path).toBe("phone_provider_disabled");
  }
  const { accessToken: token } = await room.person();
  expect((await room.call("PUT", "/user", { token, body: { phone } }, off)).body.code).toBe("phone_provider_disabled");
  const factor = await room.call("POST", "/factors", { token, body: { factor_type: "phone", phone } }, off);
  expect(factor.body.code).toBe("mfa_phone_enroll_not_enabled");
});

test("a new number is confirmed by itself, ends sessions, and whoever had the account's address is told", async () => {
  const person = await room.person();
  const phone = newPhone();
  const asked = await room.call("PUT", "/user", { token: person.accessToken, body: { phone } });
  expect(asked.body).toMatchObject({ phone: "", new_phone: phone });
  expect((await verify(phone, codeTo(phone), "sms")).body.code, "another kind of code").toBe("otp_expired");
  const { body } = await verify(phone, codeTo(phone), "phone_change");
  expect(body.user).toMatchObject({ id: person.id, phone, email: person.email });
  expect(body.user.app_metadata.providers).toEqual(["email", "phone"]);
  expect(room.mailTo(person.email)?.kind).toBe("address-changed");
  expect((await room.call("GET", "/user", { token: person.accessToken })).body.code).toBe("session_not_found");
});

test("a taken number is answered like a free one and stays where it is", async () => {
  const owner = await known();
  room.pass(61);
  const person = await room.person();
  const asked = await room.call("PUT", "/user", { token: person.accessToken, body: { phone: owner.phone } });
  expect(asked.status).toBe(200);
  expect(room.mailTo(owner.phone)?.kind).toBe("address-taken");
  const admin = await room.identity.issueServiceKey();
  expect((await room.call("GET", `/admin/users/${owner.id}`, { token: admin })).body.phone).toBe(owner.phone);
});

test("an anonymous person becomes a permanent one by a number", async () => {
  const { body } = await post("/signup", {});
  const phone = newPhone();
  await room.call("PUT", "/user", { token: body.access_token, body: { phone, password: goodPassword } });
  const made = await verify(phone, codeTo(phone), "phone_change");
  expect(made.body.user).toMatchObject({ id: body.user.id, phone, is_anonymous: false });
  expect((await post("/token?grant_type=password", { phone, password: goodPassword })).status).toBe(200);
});

test("resend sends the code of the same attempt once more", async () => {
  const phone = newPhone();
  await post("/signup", { phone, password: goodPassword });
  const first = codeTo(phone);
  room.pass(61);
  expect((await post("/resend", { type: "sms", phone })).body).toEqual({});
  expect(codeTo(phone)).not.toBe(first);
  await verify(phone);
  expect((await post("/token?grant_type=password", { phone, password: goodPassword })).status).toBe(200);
});

test("a text message is a second factor: a code of its own challenge lifts the session, once", async () => {
  const person = await room.person();
  const phone = newPhone();
  const token = person.accessToken;
  const enrolled = await room.call("POST", "/factors", {
    token,
    body: { factor_type: "phone", phone, friendly_name: "mobile" },
  });
  expect(enrolled.body).toMatchObject({ type: "phone", phone, friendly_name: "mobile" });
  expect(room.events.findLast(({ name }) => name === "factor.enrolled")?.detail).toMatchObject({ type: "phone" });
  const path = `/factors/${enrolled.body.id}`;
  const challenge = await room.call("POST", `${path}/challenge`, { token, body: { channel: "sms" } });
  expect(challenge.body).toMatchObject({ type: "phone", expires_at: expect.any(Number) });
  const prove = (code: string, challengeId = challenge.body.id) =>
    room.call("POST", `${path}/verify`, { token, body: { challenge_id: challengeId, code } });
  const code = codeTo(phone);
  expect((await prove(code === "000000" ? "000001" : "000000")).body.code).toBe("mfa_verification_failed");
  expect((await prove(code, enrolled.body.id)).body.code, "another challenge").toBe("mfa_verification_failed");
  const lifted = await prove(code);
  expect(lifted.body.user.factors).toMatchObject([{ factor_type: "phone", phone, status: "verified" }]);
  const claims = JSON.parse(Buffer.from(lifted.body.access_token.split(".")[1], "base64url").toString());
  expect(claims).toMatchObject({ aal: "aal2", amr: [{ method: "mfa/phone" }, { method: "password" }] });
  const again = await room.call("POST", `${path}/verify`, {
    token: lifted.body.access_token,
    body: { challenge_id: challenge.body.id, code },
  });
  expect(again.body.code).toBe("mfa_verification_failed");
  const early = await room.call("POST", `${path}/challenge`, { token: lifted.body.access_token, body: {} });
  expect(early.body.code).toBe("over_sms_send_rate_limit");
});

test("an administrator makes an account with a number, and a taken one is said", async () => {
  const token = await room.identity.issueServiceKey();
  const phone = newPhone();
  const make = (body: unknown) => room.call("POST", "/admin/users", { token, body });
  const made = await make({ phone, password: goodPassword, phone_confirm: true });
  expect(made.body).toMatchObject({ phone, email: "", phone_confirmed_at: expect.any(String) });
  expect((await make({ phone })).body.code).toBe("phone_exists");
  const other = await make({ email: newEmail() });
  const changed = await room.call("PUT", `/admin/users/${other.body.id}`, { token, body: { phone } });
  expect(changed.body.code).toBe("phone_exists");
  const unconfirmed = await make({ phone: newPhone(), password: goodPassword });
  const tried = await post("/token?grant_type=password", { phone: unconfirmed.body.phone, password: goodPassword });
  expect(tried.body.code).toBe("phone_not_confirmed");
});
