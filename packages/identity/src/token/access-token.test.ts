// Attacks on access tokens: everything a forger tries, against an endpoint that a genuine token opens.
import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, exportJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { goodPassword, type Person, TestIdentity } from "../testing/start-identity.ts";

const room = new TestIdentity();
let person: Person;
beforeAll(async () => {
  await room.start();
  person = await room.person();
});
afterAll(() => room.stop());

const base64url = (value: object | Buffer) =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString("base64url");
const claims = (): JWTPayload => decodeJwt(person.accessToken);
const header = () => decodeProtectedHeader(person.accessToken);
const mallory = generateKeyPairSync("ec", { namedCurve: "P-256" });

const signedByMallory = (changes: object = {}, extra: object = {}) =>
  new SignJWT({ ...claims(), ...changes })
    .setProtectedHeader({ ...header(), alg: "ES256", ...extra })
    .sign(mallory.privateKey);

/** Signed with the genuine key: what only a mistake of ours could make. */
const signedByUs = (changes: object, extra: object = {}) => {
  const payload = Object.fromEntries(
    Object.entries({ ...claims(), ...changes }).filter(([, value]) => value !== undefined),
  );
  const { kid, privateKey } = room.keys.current();
  return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid, typ: "JWT", ...extra }).sign(privateKey);
};

async function refused(token: string) {
  const answer = await room.call("GET", "/user", { token });
  expect([401, 403]).toContain(answer.status);
  expect(["bad_jwt", "no_authorization"]).toContain(answer.body.code);
  expect(room.events.at(-1)).toMatchObject({ name: "edge.token-refused", reason: answer.body.code });
}

test("the genuine token is accepted", async () => {
  expect((await room.call("GET", "/user", { token: person.accessToken })).status).toBe(200);
  expect((await room.call("GET", "/user", { token: await signedByUs({}) })).status).toBe(200);
});

test("tokens without a signature are refused, in every spelling of none", async () => {
  const [head = "", payload = "", signature = ""] = person.accessToken.split(".");
  for (const alg of ["none", "None", "NONE", "nOnE", ""]) {
    await refused(`${base64url({ ...header(), alg })}.${payload}.`);
    await refused(`${base64url({ ...header(), alg })}.${payload}.${signature}`);
  }
  for (const cut of ["", "AA", signature.slice(0, -4), base64url(Buffer.alloc(64))])
    await refused(`${head}.${payload}.${cut}`);
});

test("an edited payload is refused", async () => {
  const [head, , signature] = person.accessToken.split(".");
  for (const change of [
    { sub: randomUUID() },
    { role: "service_role" },
    { app_metadata: { roles: ["admin"] } },
    { aal: "aal2" },
  ]) {
    await refused(`${head}.${base64url({ ...claims(), ...change })}.${signature}`);
  }
});

test("the public key used as an HMAC secret is refused", async () => {
  const jwk = room.identity.jwks().keys[0];
  for (const secret of [JSON.stringify(jwk), String(jwk?.x), "secret", ""]) {
    const body = `${base64url({ ...header(), alg: "HS256" })}.${base64url(claims())}`;
    await refused(
      `${body}.${createHmac("sha256", secret || "x")
        .update(body)
        .digest("base64url")}`,
    );
  }
});

test("a key the token brings along, or points at, is not used", async () => {
  const jwk = await exportJWK(mallory.publicKey);
  const extras = [
    {},
    { jwk },
    { jku: "https://mallory.test/jwks" },
    { x5u: "https://mallory.test/c" },
    { x5c: ["MIIB"] },
  ];
  for (const extra of extras) await refused(await signedByMallory({}, extra));
});

test("an unknown, missing or hostile key id falls back to no key", async () => {
  for (const kid of [undefined, "", "unknown", "../../dev/null", "' or 1=1 --", "__proto__"]) {
    await refused(await signedByUs({}, { kid }));
  }
});

test("tokens of another issuer, audience, time or type are refused", async () => {
  const now = Math.floor(room.time / 1000);
  const wrong = [
    { iss: "https://elsewhere.test/auth/v1" },
    { iss: undefined },
    { aud: "other" },
    { aud: undefined },
    { exp: now - 1 },
    { exp: undefined },
    { nbf: now + 60 },
    { iat: undefined },
    { sub: undefined },
    { sub: "1" },
    { session_id: undefined },
    { session_id: "x" },
    { role: "anon" },
    { role: "service_role" },
  ];
  for (const change of wrong) await refused(await signedByUs(change));
  await refused(await signedByUs({}, { typ: "at+jwt" }));
  await refused(await signedByUs({}, { typ: undefined }));
});

test("an expired token is refused by the clock that runs here", async () => {
  const { accessToken } = await room.person();
  room.pass(600);
  await refused(accessToken);
  room.pass(-600);
});

test("a session of one account with the id of another is refused", async () => {
  const other = await room.person();
  const { session_id } = decodeJwt(other.accessToken);
  const answer = await room.call("GET", "/user", { token: await signedByUs({ session_id }) });
  expect(answer.body.code).toBe("session_not_found");
});

test("a token's claim of aal2 counts no more than its session", async () => {
  const token = await signedByUs({ aal: "aal2" });
  const guarded = await room.guardedPerson();
  const half = (await room.signIn(guarded.email, goodPassword)).body.access_token;
  const lied = await new SignJWT({ ...decodeJwt(half), aal: "aal2" })
    .setProtectedHeader({ ...decodeProtectedHeader(half), alg: "ES256" })
    .sign(room.keys.current().privateKey);
  expect((await room.call("DELETE", `/factors/${guarded.factorId}`, { token: lied })).body.code).toBe(
    "insufficient_aal",
  );
  expect((await room.call("GET", "/user", { token })).status).toBe(200);
});

test("odd authorization headers are refused without a stack", async () => {
  const odd = [
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp5",
    "Bearer a.b",
    "Bearer a.b.c.d",
    `Bearer ${"a".repeat(9000)}.b.c`,
    "bearer x y",
  ];
  for (const authorization of odd) {
    const answer = await room.call("GET", "/user", { headers: { authorization } });
    expect([401, 403]).toContain(answer.status);
  }
});

test("the service key opens the administration and nothing that belongs to a person", async () => {
  const key = await room.identity.issueServiceKey();
  expect((await room.call("GET", "/admin/users", { token: key })).status).toBe(200);
  await refused(key);
  const payload = decodeJwt(key);
  expect(payload).toMatchObject({ role: "service_role", aud: "authenticated", iss: "https://localhost:8443/auth/v1" });
  expect(payload.sub).toBeUndefined();
});

test("published keys are public only, and may be cached", async () => {
  const { body, headers } = await room.call("GET", "/.well-known/jwks.json");
  expect(Object.keys(body.keys[0]).sort()).toEqual(["alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"]);
  expect(headers.get("cache-control")).toBe("public, max-age=600");
  expect(body.keys[0].kid).toBe(decodeProtectedHeader(person.accessToken).kid);
});
