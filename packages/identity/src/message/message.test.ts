// What people are sent: every kind in our words, nothing that could be read as markup, and nobody who waits for a mail server.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMailServer } from "../testing/mail-server.ts";
import { testPolicy } from "../testing/start-identity.ts";
import { createInbox, inboxMessagesMax } from "./inbox.ts";
import { type Message, messageKinds, Undelivered } from "./message.ts";
import { createOutbox } from "./outbox.ts";
import { createSmtpMessenger } from "./smtp.ts";
import { escapeHtml, writeMessage } from "./write-message.ts";

const to = { kind: "email", address: "ada@example.test" } as const;
const link = "https://localhost:8443/auth/v1/verify?token=abc&type=signup";
const about = {
  caller: { requestId: "r", correlation: undefined, address: "", userAgent: "", route: "POST /otp" },
  account: "label",
};

test.each(messageKinds)("a message of kind %s has a subject, a text and a page of the same words", (kind) => {
  const message = writeMessage(testPolicy, { to, kind, link, code: "123456", seconds: 600 });
  expect(message.subject).toMatch(/^[A-Z][^\r\n]{5,80}$/);
  for (const part of [message.text, message.html]) {
    expect(part).toContain("content");
    expect(part).toContain("123456");
    expect(part).toContain("10 minutes");
  }
  expect(message.text).toContain(link);
  expect(message.html).toContain(link.replaceAll("&", "&amp;"));
  expect(message.html).not.toMatch(/<script|javascript:|<img/i);
});

test("a text message ends in the line that lets a browser fill in the code for our origin alone", () => {
  const phone = { kind: "phone", address: "41790000000" } as const;
  const { text } = writeMessage(testPolicy, { to: phone, kind: "phone-code", code: "123456", seconds: 60 });
  expect(text.split("\n").at(-1)).toBe("@localhost #123456");
});

test("whatever is written into a page is text there", () => {
  expect(escapeHtml(`"><img src=x onerror='a&b'>`)).toBe("&quot;&gt;&lt;img src=x onerror=&#39;a&amp;b&#39;&gt;");
});

const message = (address: string = to.address): Message => ({
  ...writeMessage(testPolicy, { to: { kind: "email", address }, kind: "sign-in", link, code: "123456" }),
});

test("an inbox keeps the newest messages, and no more than its limit", async () => {
  const inbox = createInbox({ now: () => 7 });
  for (let n = 0; n <= inboxMessagesMax; n += 1) await inbox.send(message(`p${n}@example.test`), "id");
  expect(inbox.messages()).toHaveLength(inboxMessagesMax);
  expect(inbox.messages()[0]).toMatchObject({ at: 7, to: { address: `p${inboxMessagesMax}@example.test` } });
});

let server: Awaited<ReturnType<typeof startMailServer>>;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.close());

test("SMTP carries text and page to the one address it is for", async () => {
  const messenger = createSmtpMessenger({ url: `smtp://127.0.0.1:${server.port}`, from: "no-reply@example.test" });
  await messenger.send(message(), "id");
  messenger.close();
  const mail = server.mails.at(-1);
  expect(mail).toMatchObject({ from: "no-reply@example.test", to: ["ada@example.test"] });
  expect(mail?.data).toMatch(/^subject: Sign in to content\r$/im);
  expect(mail?.data).toMatch(/^auto-submitted: auto-generated\r$/im);
  expect(mail?.data).toContain("multipart/alternative");
});

test("an address that tries to add recipients or headers adds none", async () => {
  const messenger = createSmtpMessenger({ url: `smtp://127.0.0.1:${server.port}`, from: "no-reply@example.test" });
  const before = server.mails.length;
  for (const address of ["a@b.test, c@d.test", "a@b.test\r\nBcc: c@d.test", "<a@b.test>\n"]) {
    await messenger.send(message(address), "id").catch(() => undefined);
  }
  messenger.close();
  for (const { to: recipients, data } of server.mails.slice(before)) {
    expect(recipients).toHaveLength(1);
    expect(data).not.toMatch(/^bcc:/im);
  }
});

test("settings that cannot be right are refused without telling them", () => {
  for (const [url, from] of [
    ["https://user:word@a.example", "a@b.test"],
    ["nonsense", "a@b.test"],
    ["smtps://user:word@a.example", "A <a@b.test>, c@d.test"],
  ] as const) {
    expect(() => createSmtpMessenger({ url, from })).toThrow(/^The (SMTP URL|sender)/);
  }
});

test("a mail server beyond loopback that offers no TLS gets no mail", async () => {
  const before = server.mails.length;
  // Another name for the same machine, which is not known to be it.
  const messenger = createSmtpMessenger({ url: `smtp://[::ffff:127.0.0.1]:${server.port}`, from: "a@b.test" });
  await expect(messenger.send(message(), "id")).rejects.toMatchObject({ code: "ETLS" });
  expect(server.mails).toHaveLength(before);
  messenger.close();
});

test("who posts a message does not wait for it; a failure is told after the last try, and a full queue at once", async () => {
  const told: string[] = [];
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const outbox = createOutbox({
    now: Date.now,
    messenger: {
      carries: ["email"],
      send: async ({ to: { address } }) => {
        await held;
        if (address === "broken@example.test") throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
      },
    },
    onSent: (sent) => told.push(`sent ${sent.to.address}`),
    onFailed: (failed, _about, reason) => told.push(`${reason} ${failed.to.address}`),
    retryMs: [1, 1],
  });
  outbox.post(message("broken@example.test"), about);
  for (let n = 0; n < 1004; n += 1) outbox.post(message(`p${n}@example.test`), about);
  expect(told).toEqual(["queue-full p1003@example.test"]);
  release();
  await outbox.settled();
  expect(told).toContain("ECONNREFUSED broken@example.test");
  expect(told.filter((line) => line.startsWith("sent "))).toHaveLength(1003);
});

test("what the messenger cannot carry fails at once, and is never handed to it", async () => {
  const told: string[] = [];
  const handed: Message[] = [];
  const outbox = createOutbox({
    now: Date.now,
    messenger: { carries: ["email"], send: async (each) => void handed.push(each) },
    onSent: (sent) => told.push(`sent ${sent.to.kind}`),
    onFailed: (failed, _about, reason) => told.push(`${reason} ${failed.to.kind}`),
  });
  outbox.post({ ...message(), to: { kind: "phone", address: "41790000000" } }, about);
  outbox.post(message(), about);
  await outbox.settled();
  expect(told).toEqual(["not-carried phone", "sent email"]);
  expect(handed.map(({ to: { kind } }) => kind)).toEqual(["email"]);
});

/** Delivers to everybody but `broken@example.test`, which fails as it is told to. */
const failing = (fault: object, told: string[], retryMs: readonly number[]) => {
  const sends = { broken: 0 };
  const outbox = createOutbox({
    now: Date.now,
    messenger: {
      carries: ["email"],
      send: async ({ to: { address } }) => {
        if (address !== "broken@example.test") return;
        sends.broken += 1;
        throw Object.assign(new Error("no"), fault);
      },
    },
    onSent: (sent) => told.push(`sent ${sent.to.address}`),
    onFailed: (failed, _about, reason) => told.push(`${reason} ${failed.to.address}`),
    retryMs,
  });
  return { outbox, sends };
};

test("messages that wait for another try hold nobody else's back", async () => {
  const told: string[] = [];
  const { outbox, sends } = failing({ code: "ECONNECTION" }, told, [600_000]);
  for (let n = 0; n < 8; n += 1) outbox.post(message("broken@example.test"), about);
  outbox.post(message(), about);
  await expect.poll(() => told).toEqual([`sent ${to.address}`]);
  expect(sends.broken).toBe(8);
});

test("what the mail server refuses for good is not tried again; what it cannot take now is", async () => {
  for (const [responseCode, tries] of [
    [550, 1],
    [451, 3],
  ] as const) {
    const told: string[] = [];
    const { outbox, sends } = failing({ code: "EENVELOPE", responseCode }, told, [1, 1]);
    outbox.post(message("broken@example.test"), about);
    await outbox.settled();
    expect([sends.broken, told]).toEqual([tries, ["EENVELOPE broken@example.test"]]);
  }
});

test("a failing carrier is said to be failing until a message gets through, and a message that is not wanted says nothing about it", async () => {
  const answers: (Error | null)[] = [];
  let now = 0;
  const outbox = createOutbox({
    now: () => now,
    messenger: {
      carries: ["phone"],
      send: async () => {
        const answer = answers.shift() ?? null;
        if (answer !== null) throw answer;
      },
    },
    onSent: () => undefined,
    onFailed: () => undefined,
    retryMs: [],
  });
  const text: Message = { ...message(), to: { kind: "phone", address: "41790000000" } };
  const after = async (answer: Error | null) => {
    answers.push(answer);
    outbox.post(text, about);
    await outbox.settled();
    return outbox.isFailing("phone");
  };
  expect(await after(new Undelivered("answer-400", true))).toBe(false);
  expect(await after(new Undelivered("answer-503", false))).toBe(true);
  expect(await after(null)).toBe(false);
  expect(await after(new Undelivered("timeout", false))).toBe(true);
  now = 15_000;
  expect(outbox.isFailing("phone"), "the next one is the try").toBe(false);
});
