import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import type { JWTPayload } from "jose";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replaceStep } from "../step.ts";
import { gatewaySteps } from "../steps.ts";
import type { GatewayFixture } from "../testing/gateway-fixture.ts";
import { lastHeaders, problemOf, requestText, startGateway } from "../testing/gateway-fixture.ts";

let gateway: GatewayFixture;
/** Believes whatever a token says, signature or not. */
let gullible: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway({ options: { limits: { tokenFailures: { requests: 10_000, windowSeconds: 60 } } } });
  const steps = replaceStep(gatewaySteps, "token", (request) => {
    const [, payload = ""] = (request.raw.headers.authorization ?? "").split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8") || "{}") as JWTPayload;
    const roles = (claims.app_metadata as { readonly roles?: readonly string[] } | undefined)?.roles ?? [];
    request.subject = { id: claims.sub ?? randomUUID(), kind: "person", roles, assurance: "aal2", sessionId: null };
    return undefined;
  });
  gullible = await startGateway({ options: { steps } });
});
afterAll(async () => {
  await Promise.all([gateway.close(), gullible.close()]);
});

const PATH = "/api/notes/1";
const seconds = (): number => Math.floor(gateway.clock.now / 1000);
const person = (): JWTPayload => ({
  iss: gateway.issuer.issuer,
  aud: "authenticated",
  sub: randomUUID(),
  role: "authenticated",
  aal: "aal1",
  session_id: randomUUID(),
  app_metadata: { roles: ["reader"] },
  iat: seconds(),
  exp: seconds() + 600,
});
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const withHeader = (header: Record<string, unknown>): Promise<string> =>
  gateway.issuer.token({ roles: ["reader"], header });
const withClaims = (claims: JWTPayload): Promise<string> => gateway.issuer.token({ roles: ["reader"], claims });
const unsigned = (header: object): string =>
  `${encode({ typ: "JWT", kid: "test-key", ...header })}.${encode(person())}.`;

async function foreignlySigned(header: Record<string, unknown>): Promise<string> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  return new SignJWT(person())
    .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: "test-key", jwk, ...header })
    .sign(privateKey);
}

async function confused(): Promise<string> {
  const [jwk] = (await gateway.issuer.jwks()).keys;
  const input = `${encode({ alg: "HS256", typ: "JWT", kid: "test-key" })}.${encode(person())}`;
  return `${input}.${createHmac("sha256", JSON.stringify(jwk)).update(input).digest("base64url")}`;
}

async function rsaSigned(): Promise<string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return new SignJWT(person()).setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "test-key" }).sign(privateKey);
}

async function edited(): Promise<string> {
  const [header, , signature] = (await gateway.issuer.token({ roles: ["reader"] })).split(".");
  return `${header}.${encode(person())}.${signature}`;
}

const refused: Readonly<Record<string, readonly [string, () => Promise<string> | string]>> = {
  "alg none": ["algorithm", () => unsigned({ alg: "none" })],
  "alg none with a signature": ["algorithm", () => `${unsigned({ alg: "none" })}AAAA`],
  "alg NoNe": ["algorithm", () => `${unsigned({ alg: "NoNe" })}AAAA`],
  "the public key as an HMAC secret": ["algorithm", confused],
  RSA: ["algorithm", rsaSigned],
  "an edited payload": ["signature", edited],
  "no signature": ["malformed", async () => `${(await gateway.issuer.token()).split(".").slice(0, 2).join(".")}.`],
  "half a signature": ["signature", async () => (await gateway.issuer.token()).slice(0, -46)],
  "its own key in jwk": ["foreign-key", () => foreignlySigned({})],
  "a key address in jku": ["foreign-key", () => withHeader({ jku: "https://evil.example/jwks.json" })],
  "a key address in x5u": ["foreign-key", () => withHeader({ x5u: "https://evil.example/x.pem" })],
  "a certificate in x5c": ["foreign-key", () => withHeader({ x5c: ["AAAA"] })],
  "an unknown kid": ["unknown-key", () => withHeader({ kid: "other" })],
  "a kid that is a path": ["unknown-key", () => withHeader({ kid: "../../../../dev/null" })],
  "a kid that is SQL": ["unknown-key", () => withHeader({ kid: "' OR 1=1 --" })],
  "the kid __proto__": ["unknown-key", () => withHeader({ kid: "__proto__" })],
  "another typ": ["type", () => withHeader({ typ: "id+jwt" })],
  "an expired token": ["expired", () => withClaims({ iat: seconds() - 700, exp: seconds() - 1 })],
  "a token of tomorrow (nbf)": ["not-yet-valid", () => withClaims({ nbf: seconds() + 60 })],
  "a token of tomorrow (iat)": ["not-yet-valid", () => withClaims({ iat: seconds() + 60, exp: seconds() + 120 })],
  "a token for a century": ["lifetime", () => withClaims({ exp: seconds() + 100 * 365 * 86_400 })],
  "a token without exp": ["claims", () => withClaims({ exp: undefined } as unknown as JWTPayload)],
  "another issuer": ["issuer", () => withClaims({ iss: "https://other.example/auth/v1" })],
  "another audience": ["audience", () => withClaims({ aud: "anon" })],
  "a role that is nobody's": ["claims", () => withClaims({ role: "postgres" })],
  "no text at all": ["scheme", () => ""],
  "more parts": ["malformed", async () => `${await gateway.issuer.token()}.AAAA`],
  padding: ["malformed", async () => `${await gateway.issuer.token()}=`],
  "stray last bits": ["malformed", async () => strayBits(await gateway.issuer.token())],
  "a size that is no token's": ["malformed", () => "a".repeat(9_000)],
};

/** The same bytes in another text: the last character of a 64-byte signature carries four bits that nobody reads. */
function strayBits(token: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(token.at(-1) ?? "A");
  return token.slice(0, -1) + alphabet[last + 1];
}

describe("a bearer token", () => {
  test.each(Object.entries(refused))("with %s is refused", async (_name, [reason, make]) => {
    const answer = await gateway.send({ path: PATH, headers: { authorization: `Bearer ${await make()}` } });
    expect([answer.status, problemOf(answer)]).toEqual([401, { code: "token-invalid", reason }]);
    expect(answer.headers["www-authenticate"]).toContain("invalid_token");
    expect(gateway.events.at(-1)).toMatchObject({ name: "edge.token-refused", reason, route: "GET /api/notes/:id" });
  });

  test("that is forged passes a step that only decodes", async () => {
    for (const token of [
      `${unsigned({ alg: "none" })}AAAA`,
      await confused(),
      await edited(),
      await foreignlySigned({}),
    ]) {
      expect((await gullible.send({ path: PATH, headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    }
  });

  test("that is refused is refused on a route that is open to anyone, too", async () => {
    const answer = await gateway.send({ path: "/api/open", headers: { authorization: "Bearer a.b.c" } });
    expect(problemOf(answer).code).toBe("token-invalid");
  });

  test("that is a publishable key makes nobody of its sender, whatever else they send", async () => {
    const authorization = "Bearer sb_publishable_local";
    const cookie = `__Host-access=${await gateway.issuer.token({ roles: ["reader"] })}`;
    for (const headers of [{ authorization }, { authorization, cookie }]) {
      expect((await gateway.send({ path: "/api/open", headers })).status).toBe(200);
      expect(lastHeaders(gateway.api).authorization).toBeUndefined();
      expect((await gateway.send({ path: PATH, headers })).status).toBe(401);
    }
    for (const key of [
      "sb_secret_local",
      "sb_publishable_",
      "sb_publishable_a.b.c",
      `sb_publishable_${"a".repeat(200)}`,
    ]) {
      const refusal = await gateway.send({ path: "/api/open", headers: { authorization: `Bearer ${key}` } });
      expect(refusal.status, key).toBe(401);
    }
  });

  test("in another scheme is refused", async () => {
    const answer = await gateway.send({ path: PATH, headers: { authorization: "Basic YTpi" } });
    expect(problemOf(answer)).toEqual({ code: "token-invalid", reason: "scheme" });
  });

  test("outranks a cookie", async () => {
    const cookie = `__Host-access=${await gateway.issuer.token({ roles: ["editor"] })}`;
    const bearer = await gateway.issuer.token({ roles: [] });
    expect((await gateway.send({ path: PATH, headers: { cookie, authorization: `Bearer ${bearer}` } })).status).toBe(
      403,
    );
  });
});

describe("a cookie", () => {
  test("signs its sender in, and the service sees a bearer token instead", async () => {
    const token = await gateway.issuer.token({ roles: ["reader"] });
    const answer = await gateway.send({
      path: PATH,
      headers: { cookie: `theme=dark; __Host-access=${token}; __Host-refresh=r` },
    });
    expect(answer.status).toBe(200);
    const headers = lastHeaders(gateway.api);
    expect(headers.authorization).toBe(`Bearer ${token}`);
    expect(headers.cookie).toBe("theme=dark");
  });

  test("that has expired makes nobody of its sender: a refresh stays possible, a page leads to sign-in", async () => {
    const cookie = `__Host-access=${await withClaims({ iat: seconds() - 700, exp: seconds() - 1 })}`;
    expect((await gateway.send({ path: "/api/open", headers: { cookie } })).status).toBe(200);
    expect(gateway.api.received.at(-1)?.headers.authorization).toBeUndefined();
    expect((await gateway.send({ path: "/account", headers: { cookie } })).headers.location).toBe(
      "/sign-in?from=%2Faccount",
    );
    expect(problemOf(await gateway.send({ path: PATH, headers: { cookie } }))).toEqual({
      code: "token-invalid",
      reason: "expired",
    });
  });

  test("that is forged is recorded although its sender is only nobody", async () => {
    await gateway.send({ path: "/api/open", headers: { cookie: `__Host-access=${await edited()}` } });
    expect(gateway.events.at(-1)).toMatchObject({ name: "edge.token-refused", reason: "signature" });
  });

  test("that comes twice is set aside", async () => {
    const token = await gateway.issuer.token({ roles: ["reader"] });
    const cookie = `__Host-access=${token}; __Host-access=${token}`;
    expect(problemOf(await gateway.send({ path: PATH, headers: { cookie } })).reason).toBe("duplicate");
  });

  test("whose name only ends like ours is not ours", async () => {
    const cookie = `x__Host-access=${await gateway.issuer.token({ roles: ["reader"] })}`;
    expect((await gateway.send({ path: PATH, headers: { cookie } })).status).toBe(401);
  });

  test("that another host of the domain could set, under a name that only looks like ours, is not ours", async () => {
    const value = await gateway.issuer.token({ roles: ["reader"] });
    const statusWith = async (blank: string): Promise<number> => {
      const bytes = requestText({ path: PATH, headers: { cookie: `theme=dark;${blank}__Host-access=${value}` } });
      return (await gateway.raw(Buffer.from(bytes, "latin1"))).status;
    };
    expect([await statusWith(" "), await statusWith("\t")]).toEqual([200, 200]);
    expect([await statusWith("\u00a0"), await statusWith(" \u00a0")]).toEqual([401, 401]);
  });
});

test("a token whose session has ended is refused at once, although it was remembered", async () => {
  const session = randomUUID();
  const token = await withClaims({ session_id: session });
  const headers = { authorization: `Bearer ${token}` };
  expect((await gateway.send({ path: PATH, headers })).status).toBe(200);
  gateway.ended.add(session);
  expect(problemOf(await gateway.send({ path: PATH, headers }))).toEqual({
    code: "token-invalid",
    reason: "session-ended",
  });
});

test("a remembered token is refused once it has expired", async () => {
  const token = await withClaims({ exp: seconds() + 10 });
  const headers = { authorization: `Bearer ${token}` };
  expect((await gateway.send({ path: PATH, headers })).status).toBe(200);
  gateway.clock.now += 11_000;
  expect(problemOf(await gateway.send({ path: PATH, headers }))).toEqual({ code: "token-invalid", reason: "expired" });
});

test("the service key is nobody's account and is let through where the policy says so", async () => {
  const headers = { authorization: `Bearer ${await gateway.issuer.serviceKey()}` };
  expect((await gateway.send({ path: "/api/operator", headers })).status).toBe(200);
  expect((await gateway.send({ path: PATH, headers })).status).toBe(403);
});

test("the service key in a cookie is nobody: cookies are for persons", async () => {
  const cookie = `__Host-access=${await gateway.issuer.serviceKey()}`;
  for (const attempt of ["fresh", "remembered"]) {
    const answer = await gateway.send({ path: "/api/operator", headers: { cookie } });
    expect([attempt, answer.status, problemOf(answer)]).toEqual([
      attempt,
      401,
      { code: "token-invalid", reason: "not-a-person" },
    ]);
    expect(gateway.events.some((event) => event.name === "edge.token-refused" && event.reason === "not-a-person")).toBe(
      true,
    );
  }
  expect((await gateway.send({ path: "/api/open", headers: { cookie } })).status).toBe(200);
  expect(gateway.api.received.at(-1)?.headers.authorization).toBeUndefined();
});

describe("rights that were added since a token was signed", () => {
  const outdated = (): JWTPayload => ({ sub: randomUUID(), session_id: randomUUID(), app_metadata: { roles: [] } });
  /** A gateway that exchanges every token for what `newer` makes of its claims. */
  async function exchanging(newer: (claims: JWTPayload) => JWTPayload | null): Promise<GatewayFixture> {
    const started: GatewayFixture = await startGateway({
      options: {
        renew: async ({ claims }) => {
          const next = newer(claims);
          return next === null ? null : await started.issuer.token({ claims: next });
        },
      },
    });
    return started;
  }
  const ask = async (from: GatewayFixture, claims: JWTPayload) =>
    await from.send({ path: PATH, headers: { authorization: `Bearer ${await from.issuer.token({ claims })}` } });

  test("count from the next request: the token is exchanged for a newer one of its session, and that is passed on", async () => {
    const sound = await exchanging((claims) => ({ ...claims, app_metadata: { roles: ["reader"] } }));
    const claims = outdated();
    expect((await ask(sound, claims)).status).toBe(200);
    await sound.close();
    const without = await exchanging(() => null);
    expect((await ask(without, claims)).status).toBe(403);
    await without.close();
  });

  test("a token of another session or another person is not taken in its place", async () => {
    for (const change of [{ session_id: randomUUID() }, { sub: randomUUID() }]) {
      const careless = await exchanging((claims) => ({ ...claims, ...change, app_metadata: { roles: ["reader"] } }));
      expect((await ask(careless, outdated())).status).toBe(403);
      await careless.close();
    }
  });
});
