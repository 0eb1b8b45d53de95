import type { Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";
import { createInbox } from "./inbox.ts";
import { createSmtpMessenger } from "./smtp.ts";
import { writeMessage } from "./write-message.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const { identity } = testPolicy;
const withSignIn: Policy = { ...testPolicy, identity: { ...identity, phone: { ...identity.phone, signIn: true } } };
const withFactor: Policy = { ...testPolicy, identity: { ...identity, factors: { ...identity.factors, phone: true } } };
const smtp = createSmtpMessenger({ url: "smtp://127.0.0.1:1", from: "no-reply@example.test" });
afterAll(() => smtp.close());

test.each([
  ["identity.phone.signIn", withSignIn],
  ["identity.factors.phone", withFactor],
])("a policy that says %s does not start with a messenger that carries only mail", async (setting, policy) => {
  await expect(room.twin({ policy, messenger: smtp })).rejects.toMatchObject({
    code: "validation_failed",
    message: expect.stringContaining(setting),
  });
});

test("it starts with one that carries text messages, and without the setting mail is enough", async () => {
  await room.twin({ policy: withSignIn, messenger: createInbox({ now: () => room.time }) });
  await room.twin({ policy: withFactor });
  await room.twin({ messenger: smtp });
});

test("SMTP refuses a message to a number", async () => {
  const to = { kind: "phone", address: "41790000000" } as const;
  await expect(smtp.send(writeMessage(testPolicy, { to, kind: "phone-code", code: "123456" }), "id")).rejects.toThrow(
    "email addresses only",
  );
});
