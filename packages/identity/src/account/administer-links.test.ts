// Links that an administrator makes or has sent: invitations, and every type of generate_link.
import { afterAll, beforeAll, expect, test } from "vitest";
import { goodPassword, newEmail, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
let token = "";
beforeAll(async () => {
  const identity = { ...testPolicy.identity, email: { ...testPolicy.identity.email, confirm: true } };
  await room.start({ policy: { ...testPolicy, identity } });
  token = await room.identity.issueServiceKey();
});
afterAll(() => room.stop());

const generate = (body: unknown) => room.call("POST", "/admin/generate_link", { token, body });
const follow = (type: string, hash: string) => room.call("POST", "/verify", { body: { type, token_hash: hash } });

test("an invitation makes an account without a password, which its link takes over", async () => {
  const email = newEmail();
  const { status, body } = await room.call("POST", "/invite", { token, body: { email, data: { team: "blue" } } });
  expect(status).toBe(200);
  expect(body).toMatchObject({ email, invited_at: expect.any(String), user_metadata: { team: "blue" } });
  expect(body.email_confirmed_at).toBeUndefined();
  const hash = new URL(room.mailTo(email, "invite")?.link ?? "").searchParams.get("token") ?? "";
  const taken = await follow("invite", hash);
  expect(taken.body.user).toMatchObject({ id: body.id, email_confirmed_at: expect.any(String) });
  expect(taken.body.user.user_metadata).toEqual({ team: "blue" });
  const changed = await room.call("PUT", "/user", {
    token: taken.body.access_token,
    body: { password: goodPassword },
  });
  expect(changed.status).toBe(200);
  expect((await room.signIn(email)).status).toBe(200);
  expect((await room.call("POST", "/invite", { token, body: { email } })).body.code).toBe("email_exists");
  expect((await follow("invite", hash)).body.code).toBe("otp_expired");
});

test("an invitation to an account that was removed since makes none", async () => {
  const { body } = await generate({ type: "invite", email: newEmail() });
  await room.call("DELETE", `/admin/users/${body.id}`, { token, body: {} });
  expect((await follow("invite", body.hashed_token)).body.code).toBe("otp_expired");
});

test("nobody without the service key invites or makes links", async () => {
  const { accessToken } = await room.person();
  for (const path of ["/invite", "/admin/generate_link"]) {
    const body = { type: "recovery", email: newEmail() };
    expect((await room.call("POST", path, { token: accessToken, body })).body.code).toBe("not_admin");
    expect((await room.call("POST", path, { body })).body.code).toBe("no_authorization");
  }
});

test("a sign-up's link confirms it, with the password that was given", async () => {
  const email = newEmail();
  const { body } = await generate({ type: "signup", email, password: goodPassword, data: { a: 1 } });
  expect(body).toMatchObject({ email, verification_type: "signup", user_metadata: { a: 1 } });
  expect(body.action_link).toMatch(/^https:\/\/localhost:8443\/auth\/v1\/verify\?token=/);
  expect(body.email_otp).toMatch(/^\d{6}$/);
  expect((await follow("signup", body.hashed_token)).body.user.id).toBe(body.id);
  expect((await room.signIn(email)).status).toBe(200);
  expect((await generate({ type: "signup", email, password: goodPassword })).body.code).toBe("email_exists");
});

test("a magic link signs in who is known, and is a sign-up for who is not", async () => {
  const person = await room.person();
  const known = await generate({ type: "magiclink", email: person.email });
  expect(known.body.verification_type).toBe("magiclink");
  expect((await follow("magiclink", known.body.hashed_token)).body.user.id).toBe(person.id);
  const made = await generate({ type: "magiclink", email: newEmail() });
  expect(made.body.verification_type).toBe("signup");
  expect((await follow("signup", made.body.hashed_token)).status).toBe(200);
});

test("a recovery link is for who is known", async () => {
  const person = await room.person();
  const { body } = await generate({ type: "recovery", email: person.email });
  const code = await room.call("POST", "/verify", {
    body: { type: "recovery", email: person.email, token: body.email_otp },
  });
  expect(code.body.user.id).toBe(person.id);
  expect((await generate({ type: "recovery", email: newEmail() })).body.code).toBe("user_not_found");
});

test("a change of address needs both its links", async () => {
  const person = await room.person();
  const new_email = newEmail();
  const current = await generate({ type: "email_change_current", email: person.email, new_email });
  const next = await generate({ type: "email_change_new", email: person.email, new_email });
  expect((await follow("email_change", current.body.hashed_token)).body.code).toBe("200");
  expect((await follow("email_change", next.body.hashed_token)).body.user).toMatchObject({
    id: person.id,
    email: new_email,
  });
});

test("nothing is mailed, a foreign redirect goes home, and each link is an event", async () => {
  const person = await room.person();
  const before = room.inbox.messages().length;
  const { body } = await generate({ type: "recovery", email: person.email, redirect_to: "https://evil.example/" });
  expect(body.redirect_to).toBe("https://localhost:8443/");
  expect(body.action_link).not.toContain("evil");
  expect(room.inbox.messages()).toHaveLength(before);
  const made = room.eventsNamed("account.changed").at(-1);
  expect(made).toMatchObject({ subject: person.id, reason: "link-made", detail: { type: "recovery" } });
});

test("what is no type is refused", async () => {
  for (const type of ["reauthentication", "email_change", "__proto__", ""]) {
    expect((await generate({ type, email: newEmail() })).body.code).toBe("validation_failed");
  }
});
