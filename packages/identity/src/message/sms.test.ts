// Text messages: what leaves, to whom, and what becomes of it when nobody takes it. The receiver is a real HTTPS server that
// verifies the signature by itself.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "@holdfast/policy";
import { openVault } from "@holdfast/vault";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { TestIdentity, testPolicy } from "../testing/start-identity.ts";
import { combineMessengers } from "./message.ts";
import { createSmsMessenger } from "./sms.ts";
import { readWebhookSecrets, signWebhook } from "./webhook-signature.ts";
import { writeMessage } from "./write-message.ts";

const key = randomBytes(32);
const secret = `v1,whsec_${key.toString("base64")}`;
const toleranceSeconds = 300;
const { identity } = testPolicy;
const policy: Policy = { ...testPolicy, identity: { ...identity, phone: { ...identity.phone, signIn: true } } };

interface Received {
  readonly id: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the shape is what the test is about
  readonly body: any;
}
let received: Received[] = [];
let refused = 0;
/** The next answers; 200 after them. */
let answers: number[] = [];
let server: Server;
let authorityPem = "";
let folder = "";
const url = (): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}/sms?channel=codes`;

/** As the specification tells a receiver to verify: nothing of ours is used. */
function isSigned(request: IncomingMessage, body: string): boolean {
  const [id, at, given] = ["id", "timestamp", "signature"].map((name) => String(request.headers[`webhook-${name}`]));
  if (Math.abs(Date.now() / 1000 - Number(at)) > toleranceSeconds) return false;
  const expected = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest();
  return String(given)
    .split(" ")
    .map((each) => Buffer.from(each.split(",")[1] ?? "", "base64"))
    .some((each) => each.length === expected.length && timingSafeEqual(each, expected));
}

const room = new TestIdentity();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-sms-"));
  const authority = await (await openVault({ directory: folder })).certificateAuthority();
  const names = { commonName: "sms", ipAddresses: ["127.0.0.1"], usage: ["server"], days: 1 } as const;
  const certificate = await authority.issue(names);
  authorityPem = certificate.authorityPem;
  server = createServer({ cert: certificate.certificatePem, key: certificate.privateKeyPem }, (request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const answer = answers.shift() ?? 200;
      if (!isSigned(request, body)) refused += 1;
      else received.push({ id: String(request.headers["webhook-id"]), body: JSON.parse(body) });
      response.writeHead(isSigned(request, body) ? answer : 401).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sms = await createSmsMessenger({ url: url(), secret: async () => secret, now: () => room.time, authorityPem });
  await room.start({ policy, messenger: combineMessengers([sms, room.inbox]) });
});
afterAll(async () => {
  await room.stop();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(() => {
  received = [];
  refused = 0;
  answers = [];
});

const post = (path: string, body: unknown) => room.call("POST", path, { body });
const messengerWith = (more: object = {}) =>
  createSmsMessenger({ url: url(), secret: async () => secret, now: Date.now, authorityPem, ...more });
const text = writeMessage(policy, {
  to: { kind: "phone", address: "41790000001" },
  kind: "phone-code",
  code: "123456",
});

test("somebody signs in with the code that the receiver got, in the shape of Supabase Auth's hook", async () => {
  const phone = "41791234567";
  expect((await post("/otp", { phone })).status).toBe(200);
  await expect.poll(() => received.length).toBe(1);
  const { user, sms } = received[0]?.body ?? {};
  expect(user).toEqual({ phone: `+${phone}` });
  expect(sms).toMatchObject({ phone: `+${phone}`, otp: expect.stringMatching(/^[0-9]{6}$/), type: "phone-code" });
  expect(sms.text).toContain(sms.otp);
  expect((await post("/verify", { type: "sms", phone, token: sms.otp })).status).toBe(200);
  expect(room.eventsNamed("message.sent").at(-1)?.detail).toMatchObject({ kind: "phone-code" });
});

test("a receiver that is away is tried again with the same id, and one that refuses the message is not", async () => {
  answers = [503, 200];
  await post("/otp", { phone: "41792234567" });
  await expect.poll(() => received.length, { timeout: 5000 }).toBe(2);
  expect(new Set(received.map(({ id }) => id)).size).toBe(1);
  received = [];
  answers = [422];
  await post("/otp", { phone: "41793234567" });
  await expect.poll(() => room.eventsNamed("message.failed").at(-1)?.reason).toBe("answer-422");
  expect(received).toHaveLength(1);
});

test("while nobody takes messages who asks for a code is told so, whatever the number, and afterwards gets one", async () => {
  answers = [503, 503, 503, 503];
  await post("/otp", { phone: "41794234567" });
  await expect.poll(() => received.length).toBe(1);
  for (const create_user of [true, false]) {
    const answer = await post("/otp", { phone: `4179523456${Number(create_user)}`, create_user });
    expect([answer.status, answer.body.code]).toEqual([422, "sms_send_failed"]);
  }
  expect(room.eventsNamed("message.refused").at(-1)?.reason).toBe("carrier-failing");
  answers = [];
  room.pass(16);
  expect((await post("/otp", { phone: "41796234567" })).status).toBe(200);
  await expect.poll(() => received.length).toBeGreaterThan(1);
});

test("a receiver without a certificate that we know gets nothing, and neither does one inside the network or in the clear", async () => {
  await expect((await messengerWith({ authorityPem: undefined })).send(text, "id")).rejects.toMatchObject({
    code: "unreachable",
    isFinal: false,
  });
  const inside = await messengerWith({ url: "https://169.254.169.254/sms" });
  await expect(inside.send(text, "id")).rejects.toMatchObject({ code: "address-inside" });
  for (const wrong of [
    "http://127.0.0.1/sms",
    "https://user:password@sms.example/",
    "sms.example",
    "https://sms.example/#x",
  ]) {
    await expect(messengerWith({ url: wrong })).rejects.toMatchObject({ code: "validation_failed" });
  }
  expect(received).toEqual([]);
});

test("a redirect is not followed", async () => {
  answers = [302];
  await expect((await messengerWith()).send(text, "id")).rejects.toMatchObject({ code: "redirect" });
});

test("a secret of another receiver is refused there, and while secrets change either is right", async () => {
  const other = `v1,whsec_${randomBytes(32).toString("base64")}`;
  await expect((await messengerWith({ secret: async () => other })).send(text, "id")).rejects.toMatchObject({
    code: "answer-401",
    isFinal: true,
  });
  expect(refused).toBe(1);
  await (await messengerWith({ secret: async () => `${other}|${secret}` })).send(text, "id");
  expect(received).toHaveLength(1);
});

test("the signature is the one of the specification's own example", () => {
  const keys = readWebhookSecrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const example = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330_000, body: '{"test": 2432232314}' };
  expect(signWebhook(keys, example)["webhook-signature"]).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});

test.each(["", "whsec_", "v1,whsec_c2hvcnQ=", "v2,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `${secret}|`])(
  "%j is no secret, and is told to nobody",
  (wrong) => {
    expect(() => readWebhookSecrets(wrong)).toThrow(/must be v1,whsec_ and the base64/);
    if (wrong.length > 10) expect(() => readWebhookSecrets(wrong)).not.toThrow(wrong);
  },
);

test("a number that begins with no prefix of the policy gets nothing, and costs nobody their limit", async () => {
  const limited = {
    ...policy,
    identity: { ...policy.identity, phone: { ...policy.identity.phone, prefixes: ["41"], perCountry: 2 } },
  };
  const limitedUrl = await room.listen(await room.twin({ policy: limited }));
  const ask = (phone: string) =>
    fetch(`${limitedUrl}/otp`, {
      method: "POST",
      body: JSON.stringify({ phone }),
      headers: { "content-type": "application/json", "x-holdfast-address": "198.18.0.9" },
    });
  const foreign = await ask("252612345678");
  expect([foreign.status, ((await foreign.json()) as { error_code: string }).error_code]).toEqual([
    422,
    "sms_send_failed",
  ]);
  expect(room.eventsNamed("message.refused").at(-1)?.reason).toBe("prefix-not-named");
  room.pass(3601);
  expect((await ask("41797000001")).status).toBe(200);
  expect((await ask("41798000001")).status).toBe(200);
  expect((await ask("41799000001")).status).toBe(429);
  expect(room.eventsNamed("signin.locked").at(-1)?.reason).toBe("sms-country");
  const open = { ...limited, identity: { ...limited.identity, phone: { ...limited.identity.phone, prefixes: [] } } };
  const openUrl = await room.listen(await room.twin({ policy: open }));
  const body = JSON.stringify({ phone: "252612345678" });
  const headers = { "content-type": "application/json" };
  expect((await fetch(`${openUrl}/otp`, { method: "POST", body, headers })).status).toBe(200);
});
