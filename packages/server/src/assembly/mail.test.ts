import { expect, test } from "vitest";
import { testPolicy } from "../testing/test-policy.ts";
import { createClosers } from "./closers.ts";
import { openMail, refuseUncarried } from "./mail.ts";

const settings = { smtpUrl: "smtp://127.0.0.1:1", from: "no-reply@example.test" };
const { identity } = testPolicy;
const withPhone = { ...testPolicy, identity: { ...identity, phone: { signIn: true } } };

test("a policy that sends text messages stops the start of a deployment that only sends mail, and the message says why", async () => {
  const closers = createClosers();
  const { messenger } = openMail(settings, Date.now, () => undefined, closers);
  expect(() => refuseUncarried(withPhone, messenger)).toThrow(
    expect.objectContaining({
      code: "server/text-messages-uncarried",
      message: expect.stringContaining("identity.phone.signIn"),
    }),
  );
  expect(() => refuseUncarried(testPolicy, messenger)).not.toThrow();
  await closers.closeAll();
});

test("the inbox of a deployment without mail settings keeps text messages too", () => {
  const { messenger } = openMail(undefined, Date.now, () => undefined, createClosers());
  expect(() => refuseUncarried(withPhone, messenger)).not.toThrow();
});

test("mail settings that cannot be right stop the start, and no secret is told", () => {
  const wrong = { ...settings, smtpUrl: "https://user:secret@a.example" };
  expect(() => openMail(wrong, Date.now, () => undefined, createClosers())).toThrow(
    expect.objectContaining({ code: "server/mail-invalid", message: expect.not.stringContaining("secret@") }),
  );
});
