// The unmodified @supabase/auth-js client against identity: what several of its methods do together. Each by itself is in contract/.
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeAt } from "./factor/totp.ts";
import { goodPassword, newEmail, otherPassword, TestIdentity } from "./testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function signedIn(roles?: readonly string[]) {
  const person = await room.person(roles);
  const client = room.client();
  const { error } = await client.signInWithPassword({ email: person.email, password: goodPassword });
  expect(error).toBeNull();
  return { client, person };
}

async function enrolled() {
  const { client, person } = await signedIn();
  const enrolment = await client.mfa.enroll({ factorType: "totp", friendlyName: "phone" });
  if (enrolment.data === null) throw enrolment.error;
  const { id, totp } = enrolment.data;
  const { error } = await client.mfa.challengeAndVerify({ factorId: id, code: codeAt(totp.secret, room.time) });
  expect(error).toBeNull();
  return { client, person, factorId: id, secret: totp.secret };
}

test("signUp makes an account that signInWithPassword opens, with the policy's default roles", async () => {
  const email = newEmail();
  const client = room.client();
  const up = await client.signUp({ email, password: goodPassword, options: { data: { name: "Ada" } } });
  expect(up.error).toBeNull();
  expect(up.data.session).toBeNull();
  expect(up.data.user?.email).toBe(email);
  const { data, error } = await client.signInWithPassword({ email, password: goodPassword });
  expect(error).toBeNull();
  expect(data.user?.user_metadata).toEqual({ name: "Ada" });
  expect(data.user?.app_metadata).toEqual({ provider: "email", providers: ["email"], roles: ["reader"] });
  expect(data.user?.identities).toHaveLength(1);
  expect(data.user?.email_confirmed_at, "nobody has vouched for the address").toBeUndefined();
  expect(data.session?.token_type).toBe("bearer");
});

test("a wrong password is an AuthApiError with the code invalid_credentials", async () => {
  const { email } = await room.person();
  const { data, error } = await room.client().signInWithPassword({ email, password: otherPassword });
  expect(data.session).toBeNull();
  expect(error?.name).toBe("AuthApiError");
  expect(error?.code).toBe("invalid_credentials");
  expect(error?.status).toBe(400);
});

test("a weak password is an AuthWeakPasswordError with reasons", async () => {
  const { error } = await room.client().signUp({ email: newEmail(), password: "password" });
  expect(error?.name).toBe("AuthWeakPasswordError");
  expect(error).toMatchObject({ reasons: ["length", "pwned"] });
});

test("getUser asks the server, updateUser changes metadata and password", async () => {
  const { client, person } = await signedIn();
  expect((await client.getUser()).data.user?.id).toBe(person.id);
  const changed = await client.updateUser({ data: { city: "Bern", old: null }, password: otherPassword });
  expect(changed.error).toBeNull();
  expect(changed.data.user?.user_metadata).toEqual({ city: "Bern" });
  expect((await room.signIn(person.email)).status).toBe(400);
  expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
});

test("mfa: enrol, challenge, verify to aal2, list, read the level, unenrol", async () => {
  const { client, person } = await signedIn();
  const enrolment = await client.mfa.enroll({ factorType: "totp", friendlyName: "phone", issuer: "Example" });
  expect(enrolment.error).toBeNull();
  const { id, totp } = enrolment.data as NonNullable<typeof enrolment.data>;
  expect(totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg/);
  expect(totp.uri).toMatch(/^otpauth:\/\/totp\/Example/);
  expect((await client.mfa.listFactors()).data?.totp).toEqual([]);

  const challenge = await client.mfa.challenge({ factorId: id });
  const challengeId = challenge.data?.id ?? "";
  const { error } = await client.mfa.verify({ factorId: id, challengeId, code: codeAt(totp.secret, room.time) });
  expect(error).toBeNull();
  const level = (await client.mfa.getAuthenticatorAssuranceLevel()).data;
  expect(level).toMatchObject({ currentLevel: "aal2", nextLevel: "aal2" });
  expect(
    level?.currentAuthenticationMethods.map((entry) => (typeof entry === "string" ? entry : entry.method)),
  ).toEqual(["totp", "password"]);
  const factors = (await client.mfa.listFactors()).data;
  expect(factors?.totp).toMatchObject([{ id, status: "verified", friendly_name: "phone" }]);

  expect((await client.mfa.unenroll({ factorId: id })).error).toBeNull();
  // The session relied on the factor and ended with it: the client notices when it asks who it is, and is signed out.
  const events: string[] = [];
  client.onAuthStateChange((event) => events.push(event));
  expect((await client.refreshSession()).error?.code).toBe("refresh_token_not_found");
  expect((await client.getUser()).error?.name).toBe("AuthSessionMissingError");
  expect((await client.getSession()).data.session).toBeNull();
  expect(events).toContain("SIGNED_OUT");
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  expect((await client.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
    currentLevel: "aal1",
    nextLevel: "aal1",
  });
});

test("the next sign-in of an account with a factor begins at aal1 and names aal2 as next", async () => {
  const { person, factorId, secret } = await enrolled();
  const client = room.client();
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  expect((await client.mfa.getAuthenticatorAssuranceLevel()).data).toMatchObject({
    currentLevel: "aal1",
    nextLevel: "aal2",
  });
  room.pass(30);
  const { error } = await client.mfa.challengeAndVerify({ factorId, code: codeAt(secret, room.time) });
  expect(error).toBeNull();
  expect((await client.refreshSession()).error).toBeNull();
  expect((await client.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe("aal2");
});

test("a wrong code is an AuthApiError with the code mfa_verification_failed", async () => {
  const { client, factorId } = await enrolled();
  const { error } = await client.mfa.challengeAndVerify({ factorId, code: "000000" });
  expect(error?.code).toBe("mfa_verification_failed");
});

test("admin: create, list, read, update and delete users, with the service key", async () => {
  const key = await room.identity.issueServiceKey();
  const { admin } = room.client({ Authorization: `Bearer ${key}` });
  const email = newEmail();
  const created = await admin.createUser({
    email,
    password: goodPassword,
    email_confirm: true,
    user_metadata: { a: 1 },
  });
  expect(created.error).toBeNull();
  const id = created.data.user?.id ?? "";
  expect(created.data.user?.app_metadata.roles).toEqual(["reader"]);
  expect(created.data.user?.email_confirmed_at).toBeDefined();

  const listed = await admin.listUsers({ page: 1, perPage: 2 });
  expect(listed.error).toBeNull();
  expect(listed.data.users.map((user) => user.id)).toContain(id);
  expect(listed.data).toMatchObject({ aud: "authenticated", total: expect.any(Number), lastPage: expect.any(Number) });

  expect((await admin.getUserById(id)).data.user?.email).toBe(email);
  const updated = await admin.updateUserById(id, { app_metadata: { roles: ["editor"] }, ban_duration: "1h" });
  expect(updated.error).toBeNull();
  expect(updated.data.user).toMatchObject({ app_metadata: { roles: ["editor"] }, banned_until: expect.any(String) });
  expect((await admin.updateUserById(id, { ban_duration: "none" })).data.user?.banned_until).toBeUndefined();

  expect((await admin.deleteUser(id)).error).toBeNull();
  expect((await admin.getUserById(id)).error?.code).toBe("user_not_found");
});

test("admin: list and delete somebody's factors, and sign out their session", async () => {
  const { person, factorId, client } = await enrolled();
  const key = await room.identity.issueServiceKey();
  const { admin } = room.client({ Authorization: `Bearer ${key}` });
  const factors = await admin.mfa.listFactors({ userId: person.id });
  expect(factors.data?.factors).toMatchObject([{ id: factorId }]);
  expect((await admin.mfa.deleteFactor({ userId: person.id, id: factorId })).error).toBeNull();
  expect((await client.getUser()).error).not.toBeNull();

  const { accessToken } = await room.person();
  expect((await admin.signOut(accessToken, "local")).error).toBeNull();
  expect((await room.call("GET", "/user", { token: accessToken })).body.code).toBe("session_not_found");
});

test("what is not offered fails with a code, and never as a success", async () => {
  const { client } = await signedIn();
  const refusals = [
    [await client.signInAnonymously(), "anonymous_provider_disabled"],
    [await client.signUp({ phone: "+41000000000", password: goodPassword }), "phone_provider_disabled"],
    [await client.signInWithPassword({ phone: "+41000000000", password: goodPassword }), "phone_provider_disabled"],
  ] as const;
  for (const [{ error }, code] of refusals) expect(error?.code).toBe(code);
});
