// What was sealed for somebody cannot be opened once their account is deleted, not even as a backup of before holds it.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { administrator, reader } from "../testing/people.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import type { Platform } from "./start-platform.ts";

let ground: Ground;
let platform: Platform;
let token: string;

beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start();
  token = (await administrator(platform)).token;
});
afterAll(async () => {
  await platform.stop();
  await ground.close();
});

const idOf = (bearer: string): string =>
  JSON.parse(Buffer.from(bearer.split(".")[1] ?? "", "base64url").toString("utf8")).sub as string;

async function opened(sealed: Buffer): Promise<string> {
  return ground.vault.keyring.open({ row: "1" }, sealed).then(
    (plain) => plain.toString(),
    (error: { code?: string }) => error.code ?? String(error),
  );
}

/** Somebody with a sealed value, as it stands in every backup, and what becomes of it. */
async function afterDeletion(remove: (bearer: string, id: string) => Promise<{ status: number }>): Promise<string> {
  const bearer = await reader(platform, `p${randomUUID().slice(0, 13)}@example.com`);
  const scope = { purpose: "field", dataClass: "public.notes.body", subject: idOf(bearer) } as const;
  const sealed = await ground.vault.keyring.seal(scope, { row: "1" }, Buffer.from("a note"));
  expect(await opened(sealed)).toBe("a note");
  expect((await remove(bearer, idOf(bearer))).status).toBeLessThan(300);
  return opened(sealed);
}

const own = (bearer: string) => send(platform, "DELETE /auth/v1/user", { token: bearer });

test("deleted by its owner, by the service key or in the console: the account's data keys are gone, and it is an event", async () => {
  const ways = [
    own,
    (_: string, id: string) => send(platform, `DELETE /auth/v1/admin/users/${id}`, { token: platform.serviceKey }),
    (_: string, id: string) => send(platform, `DELETE /platform/v1/people/${id}`, { token }),
  ];
  for (const way of ways) expect(await afterDeletion(way)).toBe("vault/key-destroyed");
  await platform.events.flush();
  const { events } = (await send(platform, "GET /platform/v1/events?name=key.shredded", { token })).json;
  expect(events).toHaveLength(3);
});

test("who has nothing sealed leaves no mark in the keyring", async () => {
  const bearer = await reader(platform, "nothing@example.com");
  await own(bearer);
  expect(await ground.vault.keyring.isShredded(idOf(bearer))).toBe(false);
});

test("a deployment that keeps the keys of the deleted still opens what they sealed", async () => {
  await platform.stop();
  platform = await ground.start({ identityRules: { destroysKeys: () => false } });
  expect(await afterDeletion(own)).toBe("a note");
});
