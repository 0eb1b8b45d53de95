// People known by a number, as auth-js sees them.
import { randomInt } from "node:crypto";
import { afterAll, beforeAll, expect } from "vitest";
import { contract, contractClient } from "../testing/contract.ts";
import { goodPassword, TestIdentity, testPolicy } from "../testing/start-identity.ts";

const room = new TestIdentity();
const { identity } = testPolicy;
const factors = { ...identity.factors, phone: true };
beforeAll(() =>
  room.start({
    policy: { ...testPolicy, identity: { ...identity, phone: { ...identity.phone, signIn: true }, factors } },
  }),
);
afterAll(() => room.stop());

const newPhone = (): string => `${randomInt(10, 99)}${randomInt(10_000_000, 99_999_999)}`;
const codeTo = (phone: string) => room.mailTo(phone)?.code ?? "";

contract("signUp", "with a number waits for the code", async () => {
  const client = contractClient(room);
  const phone = newPhone();
  const up = await client.signUp({ phone, password: goodPassword });
  expect(up.error).toBeNull();
  expect(up.data).toMatchObject({ session: null, user: { phone } });
  const { data, error } = await client.verifyOtp({ type: "sms", phone, token: codeTo(phone) });
  expect(error).toBeNull();
  expect(data.session?.user).toMatchObject({ phone, phone_confirmed_at: expect.any(String) });
  expect((await contractClient(room).signInWithPassword({ phone, password: goodPassword })).error).toBeNull();
});

contract("signInWithOtp", "with a number sends a code that signs in", async () => {
  const client = contractClient(room);
  const phone = newPhone();
  const asked = await client.signInWithOtp({ phone, options: { channel: "sms" } });
  expect(asked.error).toBeNull();
  expect(asked.data.session).toBeNull();
  const { data } = await client.verifyOtp({ type: "sms", phone, token: codeTo(phone) });
  expect(data.user?.phone).toBe(phone);
});

contract("verifyOtp", "a wrong code is otp_expired", async () => {
  const { error } = await contractClient(room).verifyOtp({ type: "sms", phone: newPhone(), token: "000000" });
  expect(error).toMatchObject({ status: 403, code: "otp_expired" });
});

contract("resend", "sends a code once more", async () => {
  const client = contractClient(room);
  const phone = newPhone();
  await client.signUp({ phone, password: goodPassword });
  expect((await client.resend({ type: "sms", phone })).error?.code).toBe("over_sms_send_rate_limit");
  room.pass(61);
  expect((await client.resend({ type: "sms", phone })).error).toBeNull();
  expect((await client.verifyOtp({ type: "sms", phone, token: codeTo(phone) })).error).toBeNull();
});

contract("updateUser", "a new number is confirmed by its code", async () => {
  const { email } = await room.person();
  const client = contractClient(room);
  await client.signInWithPassword({ email, password: goodPassword });
  const phone = newPhone();
  expect((await client.updateUser({ phone })).data.user).toMatchObject({ new_phone: phone });
  const { data } = await client.verifyOtp({ type: "phone_change", phone, token: codeTo(phone) });
  expect(data.user).toMatchObject({ phone, email });
});

contract("mfa.enroll", "a number is a second factor", async () => {
  const { email } = await room.person();
  const client = contractClient(room);
  await client.signInWithPassword({ email, password: goodPassword });
  const phone = newPhone();
  const { data, error } = await client.mfa.enroll({ factorType: "phone", phone, friendlyName: "mobile" });
  expect(error).toBeNull();
  expect(data).toMatchObject({ type: "phone", phone });
  const factorId = data?.id ?? "";
  const challenge = await client.mfa.challenge({ factorId, channel: "sms" });
  expect(challenge.data?.type).toBe("phone");
  const challengeId = challenge.data?.id ?? "";
  const verified = await client.mfa.verify({ factorId, challengeId, code: codeTo(phone) });
  expect(verified.error).toBeNull();
  expect((await client.mfa.getAuthenticatorAssuranceLevel()).data?.currentLevel).toBe("aal2");
  expect((await client.mfa.listFactors()).data?.phone).toMatchObject([{ id: factorId, phone }]);
});
