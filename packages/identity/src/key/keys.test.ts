// Keys in the hands of an operator: rotation with overlap, and a key that leaked.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openVault } from "@holdfast/vault";
import { decodeJwt, decodeProtectedHeader, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { IdentityOptions } from "../identity.ts";
import { goodPassword, TestIdentity, testKeys } from "../testing/start-identity.ts";
import { openSigningKeys } from "./signing-keys.ts";

const room = new TestIdentity();
let serviceKey = "";
beforeAll(() => room.start());
afterAll(() => room.stop());
beforeEach(async () => {
  serviceKey = await room.identity.issueServiceKey("test");
  room.events.length = 0;
  room.ended.length = 0;
});

const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid);
const idOf = (token: string): string => String(decodeJwt(token).session_id);
const admin = (method: string, path: string, token = serviceKey) => room.call(method, path, { token });
const userStatus = async (token: string, url = room.url) => (await room.call("GET", "/user", { token }, url)).status;
const rotate = async () => {
  expect((await admin("POST", "/admin/keys")).status).toBe(200);
};

test("after a rotation new tokens bear the new key, and those of the one before are believed until the last has run out", async () => {
  const { accessToken, refreshToken } = await room.person();
  const version = room.identity.keySetVersion();
  await rotate();
  const next = (await room.refresh(refreshToken)).body.access_token;
  expect(kidOf(next)).not.toBe(kidOf(accessToken));
  expect([await userStatus(accessToken), await userStatus(next)]).toEqual([200, 200]);
  expect(room.identity.keySetVersion()).toBeGreaterThan(version);
  const published = await room.call("GET", "/.well-known/jwks.json");
  expect(published.headers.get("cache-control")).toBe("public, max-age=600");
  expect(published.body.keys.map(({ kid }: { kid: string }) => kid)).toEqual(
    expect.arrayContaining([kidOf(next), kidOf(accessToken)]),
  );
  expect(JSON.stringify(published.body)).not.toContain('"d"');
  expect(room.eventsNamed("signing-key.rotated")).toMatchObject([
    { reason: "operator", detail: { kid: kidOf(next), before: kidOf(accessToken) } },
  ]);
});

test("the list says what hangs on each key, and holds no key", async () => {
  const { accessToken, refreshToken } = await room.person();
  room.pass(1);
  await rotate();
  room.pass(1);
  await room.refresh(refreshToken);
  const another = await room.person();
  const { body } = await admin("GET", "/admin/keys");
  const ofToken = (token: string) => body.signing_keys.find(({ kid }: { kid: string }) => kid === kidOf(token));
  const [current, before] = [ofToken(another.accessToken), ofToken(accessToken)];
  expect(current).toMatchObject({ state: "current", sessions: 2, service_keys: 0 });
  expect(before).toMatchObject({ state: "retired", revoked_at: null });
  expect(before.service_keys).toBeGreaterThan(0);
  expect(body.service_keys).toContainEqual(
    expect.objectContaining({ id: idOf(serviceKey), kid: kidOf(serviceKey), label: "test" }),
  );
  expect(JSON.stringify(body)).not.toMatch(/"d"|"x"|"y"|eyJ[\w-]*\.eyJ/);
});

test("a revoked key is refused at once, another one signs, and sessions go on with their next refresh", async () => {
  const { accessToken, refreshToken, id } = await room.person();
  const revoked = await admin("DELETE", `/admin/keys/${kidOf(accessToken)}`);
  expect(revoked.body).toMatchObject({ sessions_ended: false });
  expect(revoked.body.sessions).toBeGreaterThan(0);
  expect(revoked.body.service_keys).toBeGreaterThan(0);
  expect(await userStatus(accessToken)).toBe(403);
  expect((await room.call("GET", "/.well-known/jwks.json")).body.keys).not.toContainEqual(
    expect.objectContaining({ kid: kidOf(accessToken) }),
  );
  const next = await room.refresh(refreshToken);
  expect(await userStatus(next.body.access_token)).toBe(200);
  // The service key that did it was signed by that key.
  expect((await admin("GET", "/admin/users")).status).toBe(403);
  expect(room.ended.flatMap(({ ids }) => ids)).toContain(idOf(serviceKey));
  expect(room.eventsNamed("signing-key.revoked")).toMatchObject([{ detail: { kid: kidOf(accessToken) } }]);
  expect(room.eventsNamed("session.ended").filter(({ subject }) => subject === id)).toEqual([]);
});

test("with ?sessions=end the sessions that hold a token of the key end, and no others", async () => {
  const before = await room.person();
  room.pass(2);
  await rotate();
  room.pass(2);
  const after = await room.person();
  const key = await room.identity.issueServiceKey();
  const { body } = await admin("DELETE", `/admin/keys/${kidOf(before.accessToken)}?sessions=end`, key);
  expect(body.sessions_ended).toBe(true);
  expect((await room.refresh(before.refreshToken)).body.code).toBe("refresh_token_not_found");
  expect(await userStatus(after.accessToken)).toBe(200);
  expect(room.eventsNamed("session.ended")).toContainEqual(
    expect.objectContaining({ subject: before.id, reason: "signing-key-revoked" }),
  );
  const again = await admin("DELETE", `/admin/keys/${kidOf(before.accessToken)}`, key);
  expect(again.body.code).toBe("key_not_found");
});

test("another instance believes this one's keys, and refuses a revoked one within a second", async () => {
  const watch: Partial<IdentityOptions> = { watchEveryMs: 250, watchPool: room.pool("holdfast_identity") };
  const neighbour = await room.twin({ keys: await testKeys(), ...watch });
  const url = await room.listen(neighbour);
  await rotate();
  const { accessToken } = await room.person();
  const within = async (status: number): Promise<number> => {
    const startedAt = performance.now();
    while ((await userStatus(accessToken, url)) !== status && performance.now() - startedAt < 10_000);
    expect(await userStatus(accessToken, url)).toBe(status);
    return performance.now() - startedAt;
  };
  const known = await within(200);
  expect((await admin("DELETE", `/admin/keys/${kidOf(accessToken)}`)).status).toBe(200);
  const refused = await within(403);
  console.log(
    "another instance (ms): knew a new key after",
    Math.round(known),
    "refused it after",
    Math.round(refused),
  );
  expect(refused).toBeLessThan(1_000);
});

test("a rotation reaches the other process of the same vault: it signs with the new key without a restart", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-keys-"));
  const vault = await openVault({ directory });
  const keys = await openSigningKeys({
    secret: (name, make) => vault.secret(name, make),
    replace: (name, value) => vault.replaceSecret(name, value),
    latest: (name) => vault.latestSecret(name),
  });
  const url = await room.listen(await room.twin({ keys }));
  const program = `
    const { openVault } = await import("@holdfast/vault");
    const { DatabasePool } = await import("@holdfast/postgres");
    const { createIdentity, createInbox, openSigningKeys } = await import(${JSON.stringify(new URL("../index.ts", import.meta.url).href)});
    const { testPolicy: policy } = await import(${JSON.stringify(new URL("../testing/start-identity.ts", import.meta.url).href)});
    const vault = await openVault({ directory: process.env.VAULT });
    const { secret, replaceSecret: replace, latestSecret: latest } = vault;
    const keys = await openSigningKeys({ secret, replace, latest });
    const now = Date.now;
    const pool = new DatabasePool(JSON.parse(process.env.SETTINGS), Buffer.alloc(32));
    const common = { policy, pool, keys, now, emit: () => undefined, origin: policy.application.origin };
    const identity = await createIdentity({ ...common, messenger: createInbox({ now }), watchEveryMs: 100 });
    console.log(await identity.app.listen({ port: 0, host: "127.0.0.1" }));
    process.stdin.on("end", () => process.exit(0)).resume();`;
  const child = spawn(process.execPath, ["--conditions=holdfast-source", "--input-type=module", "-e", program], {
    cwd: import.meta.dirname,
    env: { ...process.env, VAULT: directory, SETTINGS: JSON.stringify(room.settings("holdfast_identity")) },
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const neighbour = String(await new Promise((resolve) => child.stdout.once("data", resolve))).trim();
    const { email } = await room.person();
    const body = { email, password: goodPassword };
    const signedBy = async (at: string): Promise<string> =>
      kidOf((await room.call("POST", "/token?grant_type=password", { body }, at)).body.access_token);
    const before = keys.current().kid;
    expect([await signedBy(url), await signedBy(neighbour)]).toEqual([before, before]);
    expect((await room.call("POST", "/admin/keys", { token: serviceKey }, url)).status).toBe(200);
    const startedAt = performance.now();
    expect(await signedBy(url)).not.toBe(before);
    await expect.poll(() => signedBy(neighbour), { timeout: 5000 }).toBe(keys.current().kid);
    console.log("another process signed with the new key after (ms):", Math.round(performance.now() - startedAt));
  } finally {
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
    await vault.close();
    await rm(directory, { recursive: true, force: true });
  }
});

test("an instance whose own key was revoked elsewhere signs with a new one", async () => {
  const keys = await testKeys();
  const watch: Partial<IdentityOptions> = { watchEveryMs: 250, watchPool: room.pool("holdfast_identity") };
  await room.listen(await room.twin({ keys, ...watch }));
  const { kid } = keys.current();
  expect((await admin("DELETE", `/admin/keys/${kid}`)).status).toBe(200);
  const startedAt = performance.now();
  while (keys.current().kid === kid && performance.now() - startedAt < 10_000) {
    await new Promise((done) => setTimeout(done, 20));
  }
  expect(keys.current().kid).not.toBe(kid);
  expect(keys.verifier(kid)).toBeUndefined();
});

test("one service key is revoked alone", async () => {
  const other = await room.identity.issueServiceKey("other");
  expect((await admin("DELETE", `/admin/service-keys/${idOf(other)}`)).body).toEqual({ id: idOf(other) });
  expect((await admin("GET", "/admin/users", other)).status).toBe(403);
  expect((await admin("GET", "/admin/users")).status).toBe(200);
  expect((await admin("DELETE", `/admin/service-keys/${idOf(other)}`)).body.code).toBe("key_not_found");
  expect(room.ended.flatMap(({ ids }) => ids)).toEqual([idOf(other)]);
  expect(room.eventsNamed("service-key.revoked")).toMatchObject([{ reason: "operator", detail: { id: idOf(other) } }]);
});

test("who stole the signing key has no service key yet: one that was not issued is refused", async () => {
  const { privateKey, kid } = room.keys.current();
  const forge = async (claims: Record<string, unknown>): Promise<string> =>
    await new SignJWT({ role: "service_role", ...claims })
      .setProtectedHeader({ alg: "ES256", kid, typ: "JWT" })
      .setIssuer("https://localhost:8443/auth/v1")
      .setAudience("authenticated")
      .setIssuedAt(Math.floor(room.time / 1000))
      .setExpirationTime(Math.floor(room.time / 1000) + 600)
      .sign(privateKey);
  for (const claims of [{}, { session_id: randomUUID() }, { session_id: "x" }]) {
    expect((await admin("GET", "/admin/users", await forge(claims))).body.code).toBe("bad_jwt");
  }
  expect((await admin("GET", "/admin/users", await forge({ session_id: idOf(serviceKey) }))).status).toBe(200);
});

// The last: this room's own key is revoked here by another instance, and it does not look.
test("a twin that goes on believing revoked keys is caught", async () => {
  const url = await room.listen(await room.twin({ keys: await testKeys(), rules: { believesKey: () => true } }));
  const { accessToken } = await room.person();
  const key = await room.identity.issueServiceKey();
  expect((await room.call("DELETE", `/admin/keys/${kidOf(accessToken)}`, { token: key }, url)).status).toBe(200);
  expect(await userStatus(accessToken, url)).toBe(200);
});
