// Contract: the unmodified @supabase/auth-js client with security keys, passkeys and recovery codes, method by method.
import { GoTrueClient } from "@supabase/auth-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeAt } from "./factor/totp.ts";
import { newAuthenticator } from "./testing/passkey-room.ts";
import type { AssertionOptions, CreationOptions } from "./testing/software-authenticator.ts";
import { goodPassword, TestIdentity } from "./testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function signedIn() {
  const person = await room.person();
  const client = new GoTrueClient({
    url: room.url,
    autoRefreshToken: false,
    persistSession: false,
    detectSessionInUrl: false,
    experimental: { recoveryCodes: true },
  });
  expect((await client.signInWithPassword({ email: person.email, password: goodPassword })).error).toBeNull();
  return { client, person };
}

const text = (value: unknown) => Buffer.from(value as ArrayBuffer).toString("base64url");

/** Auth-js hands a browser bytes where the server sent text; the authenticator takes text. */
const creation = (publicKey: object): CreationOptions => {
  const { challenge, rp, user } = publicKey as CreationOptions;
  return { challenge: text(challenge), rp, user: { id: text(user.id) } };
};
const assertion = (publicKey: object): AssertionOptions => {
  const { challenge, allowCredentials = [], ...others } = publicKey as AssertionOptions;
  return {
    ...others,
    challenge: text(challenge),
    allowCredentials: allowCredentials.map(({ id }) => ({ id: text(id) })),
  };
};
/** A browser's PublicKeyCredential tells its JSON itself. */
const credential = (json: object) => ({ toJSON: () => json }) as never;

test("mfa with webauthn: enroll, challenge and verify to aal2, list, and again in the next session", async () => {
  const { client, person } = await signedIn();
  const authenticator = newAuthenticator();
  const enrolment = await client.mfa.enroll({ factorType: "webauthn", friendlyName: "blue key" });
  expect(enrolment.error).toBeNull();
  expect(enrolment.data).toMatchObject({ type: "webauthn", friendly_name: "blue key" });
  const factorId = enrolment.data?.id ?? "";
  const webauthn = { rpId: "localhost" };

  const first = (await client.mfa.challenge({ factorId, webauthn })).data;
  if (first?.webauthn.type !== "create") throw new Error("The first challenge makes a credential.");
  const made = authenticator.create(creation(first.webauthn.credential_options.publicKey));
  const verified = await client.mfa.verify({
    factorId,
    challengeId: first.id,
    webauthn: { ...webauthn, type: "create", credential_response: credential(made) },
  });
  expect(verified.error).toBeNull();
  expect((await client.mfa.listFactors()).data?.webauthn).toMatchObject([{ id: factorId, status: "verified" }]);

  await client.signInWithPassword({ email: person.email, password: goodPassword });
  const level = async () => (await client.mfa.getAuthenticatorAssuranceLevel()).data;
  expect(await level()).toMatchObject({ currentLevel: "aal1", nextLevel: "aal2" });
  const next = (await client.mfa.challenge({ factorId, webauthn })).data;
  if (next?.webauthn.type !== "request") throw new Error("The next challenge asks for the credential.");
  const signed = authenticator.get(assertion(next.webauthn.credential_options.publicKey));
  const lifted = await client.mfa.verify({
    factorId,
    challengeId: next.id,
    webauthn: { ...webauthn, type: "request", credential_response: credential(signed) },
  });
  expect(lifted.error).toBeNull();
  expect(await level()).toMatchObject({ currentLevel: "aal2", nextLevel: "aal2" });
  expect((await client.mfa.unenroll({ factorId })).data).toEqual({ id: factorId });
});

test("passkey: register, sign in, list, rename and delete; for an administrator list and delete", async () => {
  const { client, person } = await signedIn();
  const authenticator = newAuthenticator();
  const begun = await client.passkey.startRegistration();
  expect(begun.error).toBeNull();
  const options = begun.data?.options as unknown as CreationOptions;
  const added = await client.passkey.verifyRegistration({
    challengeId: begun.data?.challenge_id ?? "",
    credential: authenticator.create(options) as never,
  });
  expect(added.error).toBeNull();
  expect(added.data).toMatchObject({ friendly_name: "Passkey", created_at: expect.any(String) });

  const elsewhere = room.client();
  const events: string[] = [];
  elsewhere.onAuthStateChange((event) => events.push(event));
  const asked = await elsewhere.passkey.startAuthentication();
  const { data, error } = await elsewhere.passkey.verifyAuthentication({
    challengeId: asked.data?.challenge_id ?? "",
    credential: authenticator.get(asked.data?.options as unknown as AssertionOptions) as never,
  });
  expect(error).toBeNull();
  expect(data?.session?.user.id).toBe(person.id);
  expect(events).toContain("SIGNED_IN");
  expect((await elsewhere.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe("aal2");

  const passkeyId = added.data?.id ?? "";
  expect((await elsewhere.passkey.list()).data).toMatchObject([{ id: passkeyId, last_used_at: expect.any(String) }]);
  const renamed = await elsewhere.passkey.update({ passkeyId, friendlyName: "phone" });
  expect(renamed.data).toMatchObject({ id: passkeyId, friendly_name: "phone" });
  const key = await room.identity.issueServiceKey();
  const { admin } = room.client({ Authorization: `Bearer ${key}` });
  expect((await admin.passkey.listPasskeys({ userId: person.id })).data).toMatchObject([{ id: passkeyId }]);
  expect((await elsewhere.passkey.delete({ passkeyId })).error).toBeNull();
  expect((await admin.passkey.deletePasskey({ userId: person.id, passkeyId })).error?.code).toBe(
    "webauthn_credential_not_found",
  );
  expect((await admin.passkey.listPasskeys({ userId: person.id })).data).toEqual([]);
});

test("recovery codes: generate, status, verify, regenerate, unenroll", async () => {
  const { client, person } = await signedIn();
  const { recoveryCodes } = client.mfa;
  expect((await recoveryCodes.getStatus()).error?.code).toBe("mfa_factor_not_found");
  expect((await recoveryCodes.generate()).error?.code).toBe("mfa_recovery_codes_sole_factor");
  const enrolment = await client.mfa.enroll({ factorType: "totp" });
  if (enrolment.data === null) throw enrolment.error;
  const { id: factorId, totp } = enrolment.data;
  await client.mfa.challengeAndVerify({ factorId, code: codeAt(totp.secret, room.time) });
  const made = await recoveryCodes.generate({ friendlyName: "Backup codes" });
  expect(made.error).toBeNull();
  expect(made.data).toMatchObject({ type: "recovery_code", friendly_name: "Backup codes", total: 10 });
  expect((await recoveryCodes.generate()).error?.code).toBe("mfa_verified_factor_exists");

  await client.signInWithPassword({ email: person.email, password: goodPassword });
  expect((await recoveryCodes.regenerate()).error?.code).toBe("insufficient_aal");
  expect((await recoveryCodes.verify({ code: "aaaa-aaaa-aaaa-aaaa" })).error?.code).toBe("mfa_verification_failed");
  const verified = await recoveryCodes.verify({ code: made.data?.codes[0] ?? "" });
  expect(verified.error).toBeNull();
  expect((await client.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe("aal2");
  expect((await client.mfa.listFactors()).data?.recovery_code).toHaveLength(1);
  expect((await recoveryCodes.getStatus()).data).toMatchObject({ total: 10, remaining: 9 });
  expect((await recoveryCodes.regenerate()).data).toMatchObject({ id: made.data?.id, total: 10 });
  expect((await recoveryCodes.unenroll()).data).toEqual({ id: made.data?.id });
});
