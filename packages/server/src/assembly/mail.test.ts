import { expect, test } from "vitest";
import { testPolicy } from "../testing/test-policy.ts";
import { createClosers } from "./closers.ts";
import { openMail, refuseUncarried } from "./mail.ts";

const settings = { smtpUrl: "smtp://127.0.0.1:1", from: "no-reply@example.test" };
const { identity } = testPolicy;
const given = new Map<string, string>();
const secrets = {
  require: async (name: string) => {
    const value = given.get(name);
    if (value === undefined) throw new Error(`there is no ${name}`);
    return value;
  },
};
const withPhone = { ...testPolicy, identity: { ...identity, phone: { ...identity.phone, signIn: true } } };

test("a policy that sends text messages stops the start of a deployment that only sends mail, and the message says why", async () => {
  const closers = createClosers();
  const { messenger } = await openMail({ mail: settings, now: Date.now, secrets, closers });
  expect(() => refuseUncarried(withPhone, messenger)).toThrow(
    expect.objectContaining({
      code: "server/text-messages-uncarried",
      message: expect.stringContaining("identity.phone.signIn"),
    }),
  );
  expect(() => refuseUncarried(testPolicy, messenger)).not.toThrow();
  await closers.closeAll();
});

test("the inbox of a deployment without mail settings keeps text messages too", async () => {
  const { messenger } = await openMail({ now: Date.now, secrets, closers: createClosers() });
  expect(() => refuseUncarried(withPhone, messenger)).not.toThrow();
});

test("mail settings that cannot be right stop the start, and no secret is told", async () => {
  const wrong = { ...settings, smtpUrl: "https://user:secret@a.example" };
  await expect(openMail({ mail: wrong, now: Date.now, secrets, closers: createClosers() })).rejects.toEqual(
    expect.objectContaining({ code: "server/mail-invalid", message: expect.not.stringContaining("secret@") }),
  );
});

test("a deployment that sends mail and names who sends text messages carries both, and its secret is told to nobody", async () => {
  const closers = createClosers();
  const textMessages = { smsUrl: "https://sms.example/send", smsSecret: `v1,whsec_${btoa("k".repeat(32))}` };
  const { messenger, inbox } = await openMail({ mail: settings, textMessages, now: Date.now, secrets, closers });
  expect(() => refuseUncarried(withPhone, messenger)).not.toThrow();
  expect(inbox).toBeNull();
  for (const wrong of [{ smsUrl: "http://sms.example/send" }, { smsSecret: "v1,whsec_secret" }]) {
    const opening = openMail({
      mail: settings,
      textMessages: { ...textMessages, ...wrong },
      now: Date.now,
      secrets,
      closers,
    });
    const found = await opening.then(
      () => null,
      (error: Error) => error,
    );
    expect(found).toMatchObject({ code: "server/text-messages-invalid" });
    expect(found?.message).not.toContain("whsec_secret");
  }
  await closers.closeAll();
});
