// Secrets of a running platform: where the policy says they are, taken up without a restart, and told by nothing that it writes.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Policy } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startMailServer } from "../../../identity/src/testing/mail-server.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";
import type { UpstreamContext } from "./deployment.ts";
import type { Platform } from "./start-platform.ts";

const canary = "canary-of-a-secret-93";
let folder: string;
let ground: Ground;
let platform: Platform;
let context: UpstreamContext;
let first: Awaited<ReturnType<typeof startMailServer>>;
let second: Awaited<ReturnType<typeof startMailServer>>;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-given-"));
  [first, second] = [await startMailServer(), await startMailServer()];
  await writeFile(at("smtp-url"), `smtp://127.0.0.1:${first.port}`, { mode: 0o600 });
  const policy: Policy = {
    ...testPolicy,
    secrets: {
      smtpUrl: { source: "file", at: at("smtp-url"), leaseSeconds: 1, rotateSeconds: null },
      stripeKey: { source: "environment", at: "STRIPE_KEY", leaseSeconds: 60, rotateSeconds: null },
    },
  };
  ground = await openTestGround();
  const { api } = ground.deployment.services;
  const deployment = {
    ...ground.deployment,
    services: {
      api: (given: UpstreamContext) => {
        context = given;
        return (api as NonNullable<typeof api>)(given);
      },
    },
  };
  platform = await ground.start({
    policy,
    deployment,
    mail: { from: "no-reply@example.test" },
    environment: { STRIPE_KEY: canary },
  });
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await ground.close();
  await first.close();
  await second.close();
  await rm(folder, { recursive: true, force: true });
});

const invite = (email: string) =>
  send(platform, "POST /auth/v1/invite", { token: platform.serviceKey, body: { email } });

test("mail goes to the server that the file names, and to another one as soon as it names that, without a restart", async () => {
  expect((await invite("ada@example.test")).status).toBe(200);
  await expect.poll(() => first.mails.length).toBe(1);
  await writeFile(at("smtp-url"), `smtp://127.0.0.1:${second.port}`);
  await expect
    .poll(async () => (await platform.events.query({ name: "secret.changed", limit: 5 })).events, { timeout: 5000 })
    .toMatchObject([{ detail: { name: "smtpUrl" } }]);
  expect((await invite("bea@example.test")).status).toBe(200);
  await expect.poll(() => second.mails.length).toBe(1);
  expect(first.mails).toHaveLength(1);
});

test("an application gets the secrets that it declared, and no others", async () => {
  expect(await context.secret("stripeKey")).toBe(canary);
  await expect(context.secret("other")).rejects.toMatchObject({ code: "vault/secret-undeclared" });
});

test("a secret in an event is taken out before it is recorded, wherever it stands", async () => {
  await context.secret("stripeKey");
  context.emit({
    name: "api.error",
    at: Date.now(),
    service: "api",
    reason: `connecting with ${canary} failed`,
    detail: { url: `https://a.example/?key=${canary}`, deeper: btoa(canary) },
  });
  await platform.events.flush();
  const { events } = await platform.events.query({ name: "api.error", limit: 5 });
  const text = JSON.stringify(events);
  expect(text).toContain("connecting with <secret stripeKey> failed");
  for (const form of [canary, btoa(canary).replace(/=+$/, "")]) expect(text).not.toContain(form);
});
