// What people change about their own account.
import { afterAll, beforeAll, expect } from "vitest";
import { codeAt } from "../factor/totp.ts";
import { contract, contractClient } from "../testing/contract.ts";
import { goodPassword, newEmail, otherPassword, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

async function signedIn() {
  const person = await room.person();
  const client = contractClient(room);
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  return { client, person };
}

async function enrolled() {
  const { client, person } = await signedIn();
  const { data, error } = await client.mfa.enroll({ factorType: "totp", friendlyName: "phone", issuer: "Example" });
  if (error !== null || data.type !== "totp") throw error;
  await client.mfa.challengeAndVerify({ factorId: data.id, code: codeAt(data.totp.secret, room.time) });
  return { client, person, factorId: data.id, secret: data.totp.secret };
}

contract("updateUser", "changes metadata and password", async () => {
  const { client, person } = await signedIn();
  const { data, error } = await client.updateUser({ data: { city: "Bern", old: null }, password: otherPassword });
  expect(error).toBeNull();
  expect(data.user?.user_metadata).toEqual({ city: "Bern" });
  expect((await room.signIn(person.email)).status).toBe(400);
  expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
});

contract("updateUser", "changes the address once both sides have confirmed it", async () => {
  const { client, person } = await signedIn();
  const email = newEmail();
  const { data, error } = await client.updateUser({ email });
  expect(error).toBeNull();
  expect(data.user).toMatchObject({ email: person.email, new_email: email });
  const confirm = async (address: string) => {
    const token = room.mailTo(address, "confirm-email-change")?.code ?? "";
    return await client.verifyOtp({ type: "email_change", email: address, token });
  };
  const half = await confirm(person.email);
  expect(half.error).toBeNull();
  expect(half.data.session).toBeNull();
  const whole = await confirm(email);
  expect(whole.data.session?.user.email).toBe(email);
  expect((await client.getUser()).data.user?.email).toBe(email);
});

contract("reauthenticate", "mails a code that stands for the current password", async () => {
  const { client, person } = await signedIn();
  expect((await client.reauthenticate()).error).toBeNull();
  const nonce = room.mailTo(person.email, "reauthenticate")?.code ?? "";
  expect((await client.updateUser({ password: otherPassword, nonce: `${nonce}0` })).error).toMatchObject({
    status: 422,
    code: "reauthentication_not_valid",
  });
  expect((await client.updateUser({ password: otherPassword, nonce })).error).toBeNull();
  expect((await room.signIn(person.email, otherPassword)).status).toBe(200);
});

contract("getUserIdentities", "lists how somebody signs in", async () => {
  const { client, person } = await signedIn();
  const { data, error } = await client.getUserIdentities();
  expect(error).toBeNull();
  expect(data?.identities).toMatchObject([{ provider: "email", user_id: person.id, id: person.id }]);
  expect(data?.identities[0]?.identity_id).toMatch(/^[0-9a-f-]{36}$/);
});

contract("mfa.enroll", "shows the secret once, as text and as a picture", async () => {
  const { client } = await signedIn();
  const { data, error } = await client.mfa.enroll({ factorType: "totp", friendlyName: "phone", issuer: "Example" });
  expect(error).toBeNull();
  expect(data).toMatchObject({ type: "totp", friendly_name: "phone" });
  if (data?.type !== "totp") throw new Error("no totp");
  expect(data.totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<svg/);
  expect(data.totp.uri).toMatch(/^otpauth:\/\/totp\/Example/);
});

contract("mfa.challenge", "names the factor's kind and when it ends", async () => {
  const { client, factorId } = await enrolled();
  const { data, error } = await client.mfa.challenge({ factorId });
  expect(error).toBeNull();
  expect(data).toMatchObject({ type: "totp", expires_at: Math.floor(room.time / 1000) + 300 });
});

contract("mfa.verify", "lifts the session to aal2", async () => {
  const { client, factorId, secret } = await enrolled();
  room.pass(30);
  const challengeId = (await client.mfa.challenge({ factorId })).data?.id ?? "";
  const { data, error } = await client.mfa.verify({ factorId, challengeId, code: codeAt(secret, room.time) });
  expect(error).toBeNull();
  expect(data).toMatchObject({ token_type: "bearer", refresh_token: expect.any(String) });
  expect((await client.getClaims()).data?.claims.aal).toBe("aal2");
});

contract("mfa.challengeAndVerify", "a wrong code is mfa_verification_failed", async () => {
  const { client, factorId } = await enrolled();
  const { error } = await client.mfa.challengeAndVerify({ factorId, code: "000000" });
  expect(error).toMatchObject({ status: 422, code: "mfa_verification_failed" });
});

contract("mfa.listFactors", "tells verified factors by kind, and all of them", async () => {
  const { client, factorId } = await enrolled();
  const { data } = await client.mfa.listFactors();
  expect(data?.totp).toMatchObject([{ id: factorId, status: "verified", friendly_name: "phone", factor_type: "totp" }]);
  expect(data?.all).toHaveLength(1);
  expect(data?.phone).toEqual([]);
});

contract("mfa.getAuthenticatorAssuranceLevel", "names the level reached and the one that could be", async () => {
  const { person } = await enrolled();
  const client = contractClient(room);
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  const { data } = await client.mfa.getAuthenticatorAssuranceLevel();
  expect(data).toMatchObject({ currentLevel: "aal1", nextLevel: "aal2" });
});

contract("mfa.unenroll", "removes the factor, and the session that relied on it", async () => {
  const { client, factorId } = await enrolled();
  expect((await client.mfa.unenroll({ factorId })).error).toBeNull();
  expect((await client.getUser()).error?.name).toBe("AuthSessionMissingError");
});
