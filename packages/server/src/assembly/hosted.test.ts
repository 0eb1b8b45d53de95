// Accounts in a hosted project: its tokens count as our own would, and nothing else does. In pairs: who comes in, and who does not.
import { type KeyObject, randomUUID } from "node:crypto";
import { openSigningKeys } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import { asSubject } from "@holdfast/postgres";
import { type CryptoKey, decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type HostedProject, openHostedProject } from "../testing/hosted-project.ts";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";
import type { Platform } from "./start-platform.ts";

let ground: Ground;
let project: HostedProject;
let platform: Platform;
let policy: Policy;
let ahead = 0;
const now = () => Date.now() + ahead;

beforeAll(async () => {
  ground = await openTestGround();
  project = await openHostedProject(testPolicy);
  policy = { ...testPolicy, identity: { ...testPolicy.identity, hosted: { url: project.url } } };
  platform = await ground.start({ policy, now });
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await project.close();
  await ground.close();
});
afterEach(() => {
  project.isDown = false;
  project.published = undefined;
});

const hello = (token: string, at = platform) => send(at, "GET /api/hello", { token });
const seconds = () => Math.floor(now() / 1000);
const claims = (changed: JWTPayload = {}): JWTPayload => ({
  iss: `${project.url}/auth/v1`,
  aud: "authenticated",
  sub: randomUUID(),
  role: "authenticated",
  aal: "aal1",
  session_id: randomUUID(),
  app_metadata: { roles: ["reader"] },
  iat: seconds(),
  exp: seconds() + 600,
  ...changed,
});
const withoutSubject = ({ sub: _sub, ...rest }: JWTPayload): JWTPayload => rest;
interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject | CryptoKey;
}
const sign = (payload: JWTPayload, { kid, privateKey }: SigningKey = project.keys.current(), alg = "ES256") =>
  new SignJWT(payload).setProtectedHeader({ alg, kid, typ: "JWT" }).sign(privateKey);

test("somebody who signed in at the project reaches what their roles open, and their rows", async () => {
  const token = await project.person(["reader"]);
  const { sub } = decodeJwt(token);
  expect((await hello(token)).json).toEqual({ subject: sub });
  expect((await send(platform, "GET /api/broken", { token })).status).toBe(500);
  expect((await send(platform, "GET /api/broken", { token: await project.person([]) })).status).toBe(403);
  const uid = await asSubject(platform.apiPool, decodeJwt(token) as never, async (database) => {
    const { rows } = await database.query("select auth.uid() as uid");
    return rows[0]?.uid;
  });
  expect(uid).toBe(sub);
});

test("the deployment's own service key counts beside the project's tokens", async () => {
  const token = platform.serviceKey;
  expect((await send(platform, "GET /platform/v1/events?limit=1", { token })).status).toBe(200);
});

test("a token that is not the project's for this audience is refused, whoever signed it", async () => {
  expect((await hello(await sign(claims()))).status).toBe(200);
  const other = await generateKeyPair("ES256");
  const { kid } = project.keys.current();
  const ours = (
    await openSigningKeys({
      secret: (name, make) => ground.vault.secret(name, make),
      replace: (name, value) => ground.vault.replaceSecret(name, value),
    })
  ).current();
  const refused: Record<string, string> = {
    "another issuer": await sign(claims({ iss: "https://other.example/auth/v1" })),
    "our own issuer": await sign(claims({ iss: `${policy.application.origin}/auth/v1` })),
    "another audience": await sign(claims({ aud: "anon" })),
    "run out": await sign(claims({ exp: seconds() - 10, iat: seconds() - 600 })),
    "longer than the policy allows": await sign(claims({ exp: seconds() + 3600 })),
    "another key under the project's id": await sign(claims(), { kid, privateKey: other.privateKey }),
    "a service key signed by the project": await sign(withoutSubject(claims({ role: "service_role" }))),
    "a person signed by the key of our service keys": await sign(claims(), ours),
    "the public key as a secret": await new SignJWT(claims())
      .setProtectedHeader({ alg: "HS256", kid, typ: "JWT" })
      .sign(new TextEncoder().encode(JSON.stringify(project.keys.published().keys[0]))),
  };
  for (const [what, token] of Object.entries(refused)) expect((await hello(token)).status, what).toBe(401);
});

test("nobody signs in here: each route says where", async () => {
  const body = { email: "a@example.test", password: "gravel-otter-lantern-47" };
  for (const route of ["POST /auth/v1/token", "POST /auth/v1/signup"]) {
    const answer = await send(platform, route, { body, headers: { "x-supabase-api-version": "2024-01-01" } });
    expect([answer.status, answer.json.code]).toEqual([404, "feature_disabled"]);
    expect(answer.json.message).toContain(`${project.url}/auth/v1`);
  }
  expect(await platform.ensureAdministrator()).toBeNull();
});

test("unknown key ids make the keys be read once in ten seconds at most", async () => {
  ahead += 11_000;
  await hello(await sign(claims()));
  const before = project.keyRequests;
  const tokens = await Promise.all(
    Array.from({ length: 30 }, (_, index) => sign(claims(), { ...project.keys.current(), kid: `id-${index}` })),
  );
  for (const token of tokens) expect((await hello(token)).status).toBe(401);
  expect(project.keyRequests - before).toBeLessThanOrEqual(2);
});

test("a key that the project adds is believed, ES256 or RSA, and one that it withdraws is not", async () => {
  const added = async (alg: "ES256" | "RS256", kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return { jwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" }, signer: { kid, privateKey } };
  };
  const [es, rs] = [await added("ES256", "next"), await added("RS256", "rsa")];
  expect((await hello(await sign(claims(), es.signer))).status).toBe(401);
  project.published = { keys: [es.jwk, rs.jwk, { kty: "oct", k: "c2VjcmV0", kid: "mac", alg: "HS256" }] };
  ahead += 61_000;
  expect((await hello(await sign(claims(), es.signer))).status).toBe(200);
  expect((await hello(await sign(claims(), rs.signer, "RS256"))).status).toBe(200);
  const mac = new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "mac", typ: "JWT" });
  expect((await hello(await mac.sign(new TextEncoder().encode("secret")))).status).toBe(401);
  const withdrawn = await sign(claims());
  expect((await hello(withdrawn)).status).toBe(401);
});

test("while the project does not answer, its keys are believed as long as it said, then nobody is", async () => {
  ahead += 61_000;
  const token = () => sign(claims());
  expect((await hello(await sign(claims(), { ...project.keys.current(), kid: "unknown" }))).status).toBe(401);
  expect((await hello(await token())).status).toBe(200);
  project.isDown = true;
  ahead += 300_000;
  expect((await hello(await token())).status).toBe(200);
  ahead += 3_700_000;
  expect((await hello(await token())).status).toBe(503);
});

test("a start without the project admits nobody until it answers", async () => {
  project.isDown = true;
  const other = await openTestGround();
  const started = await other.start({ policy, now });
  try {
    expect((await hello(await sign(claims()), started)).status).toBe(503);
  } finally {
    await started.stop();
    await other.close();
  }
}, 60_000);
