// What a provider gets as our client secret.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderPolicy } from "@holdfast/policy";
import { jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientSecret, secretAuthentication } from "./client-secret.ts";
import { openProviders } from "./open-providers.ts";
import { createProvider } from "./provider.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
const apple: ProviderPolicy = {
  kind: "apple",
  clientId: "app.example.web",
  issuer: null,
  scopes: ["openid"],
  trustEmail: false,
  signedSecret: { teamId: "TEAM123456", keyId: "KEY1234567" },
};
const audience = "https://appleid.apple.com";
let now = 1_800_000_000_000;

test("Apple's client secret is a token of the team, signed by the key that the policy names", async () => {
  const secret = clientSecret(
    apple,
    audience,
    async () => pem,
    () => now,
  );
  const currentDate = new Date(now);
  const { payload, protectedHeader } = await jwtVerify(await secret(), publicKey, { audience, currentDate });
  expect(protectedHeader).toEqual({ alg: "ES256", kid: "KEY1234567" });
  expect(payload).toMatchObject({ iss: "TEAM123456", sub: "app.example.web" });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(15_777_000);
});

test("it is made anew before it runs out, and as soon as the key is another one", async () => {
  let given = pem;
  const secret = clientSecret(
    apple,
    audience,
    async () => given,
    () => now,
  );
  const first = await secret();
  now += 54 * 60_000;
  expect(await secret()).toBe(first);
  now += 60_001;
  const second = await secret();
  expect(second).not.toBe(first);
  given = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
  await expect(jwtVerify(await secret(), publicKey, { currentDate: new Date(now) })).rejects.toThrow("signature");
});

test("a private key that is none stops the start, and is told to nobody", async () => {
  const opening = openProviders(
    { apple },
    async () => "-----not a key-----",
    () => now,
  );
  await expect(opening).rejects.toThrow(/must be its private key/);
  await expect(opening).rejects.not.toThrow(/not a key/);
  expect(
    (
      await openProviders(
        { apple },
        async () => pem,
        () => now,
      )
    ).size,
  ).toBe(1);
});

test("a secret that somebody signed already is sent as it is", async () => {
  expect(
    await clientSecret(
      { ...apple, signedSecret: null },
      audience,
      async () => "signed",
      () => now,
    )(),
  ).toBe("signed");
});

// A token endpoint that refuses, and keeps what it was sent.
const bodies: URLSearchParams[] = [];
const server = createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  const issuer = `http://${request.headers.host}`;
  if (request.url?.startsWith("/.well-known/") === true) {
    const endpoints = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
    response.end(JSON.stringify({ issuer, ...endpoints, jwks_uri: `${issuer}/jwks` }));
    return;
  }
  let body = "";
  request.on("data", (chunk) => (body += String(chunk)));
  request.on("end", () => {
    bodies.push(new URLSearchParams(body));
    response.writeHead(400).end('{"error":"invalid_grant"}');
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => server.close());

test("each exchange sends the secret of that moment: one that was replaced needs no restart", async () => {
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let secret = "before";
  const provider = createProvider("work", { ...apple, kind: "oidc", issuer, signedSecret: null }, async () => secret);
  const redeem = () =>
    provider.redeem(new URL("https://a.example/callback?code=x&state=s"), {
      state: "s",
      nonce: "n",
      codeVerifier: "v".repeat(43),
    });
  await expect(redeem()).rejects.toThrow();
  secret = "after";
  await expect(redeem()).rejects.toThrow();
  expect(bodies.map((body) => body.get("client_secret"))).toEqual(["before", "after"]);
});

test("nothing is sent before the secret was asked for", () => {
  const { authenticate } = secretAuthentication(async () => "x");
  const request = [{ issuer: "https://a.example" }, { client_id: "x" }, new URLSearchParams(), new Headers()] as const;
  expect(() => authenticate(...request)).toThrow("renew() comes first");
});
