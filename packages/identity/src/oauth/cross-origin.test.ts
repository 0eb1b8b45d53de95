// Pages of OAuth clients on other origins: what they may read, and everything that nobody may.
import { allowInsecureRequests, customFetch, discovery } from "openid-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  consent,
  type RegisteredClient,
  register,
  room,
  serverPolicy,
  signedIn,
  startServer,
  verifier,
} from "../testing/oauth-server.ts";
import { originsOf } from "./cross-origin.ts";

const page = "https://desk.example.test:9443";
const redirect = `${page}/back`;
let client: RegisteredClient;
beforeAll(async () => {
  await startServer();
  client = await register({ redirect_uris: [redirect, "com.example.desk:/back"], token_endpoint_auth_method: "none" });
  await register({ redirect_uris: ["https://secretive.example.test/back"] });
});
afterAll(() => room.stop());

const metadata = "/.well-known/oauth-authorization-server/auth/v1";
const readable = [
  ["GET", metadata],
  ["GET", "/.well-known/oauth-authorization-server"],
  ["GET", "/.well-known/openid-configuration"],
  ["GET", "/.well-known/jwks.json"],
  ["POST", "/oauth/token"],
  ["GET", "/oauth/userinfo"],
] as const;
const ask = (method: string, path: string, origin: string, url = room.url, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method,
    headers: {
      origin,
      "x-holdfast-address": "192.0.2.77",
      ...(method === "POST" ? { "content-type": "application/json" } : {}),
      ...headers,
    },
    ...(method === "POST" ? { body: "{}" } : {}),
  });
const allowed = (answer: Response) => answer.headers.get("access-control-allow-origin");

test.each(readable)(
  "the page of a public client may read %s %s, errors too, and a browser's question before it is answered",
  async (method, path) => {
    const before = await ask("OPTIONS", path, page);
    expect([before.status, allowed(before)]).toEqual([204, page]);
    expect(before.headers.get("access-control-allow-methods")).toBe(method);
    const answer = await ask(method, path, page);
    expect([allowed(answer), answer.headers.get("access-control-allow-credentials")]).toEqual([page, null]);
    expect(answer.headers.get("vary")).toContain("origin");
  },
);

test("no other origin may: not one that looks like it, not that of a confidential client, not null", async () => {
  const others = [
    "https://desk.example.test",
    "https://desk.example.test:94430",
    "http://desk.example.test:9443",
    "https://a.desk.example.test:9443",
    "https://secretive.example.test",
    "null",
    "*",
    `${page}/`,
    `${page}/back`,
    "com.example.desk:",
  ];
  for (const origin of others) {
    for (const [method, path] of readable) expect(allowed(await ask(method, path, origin)), origin).toBeNull();
    expect((await ask("OPTIONS", "/oauth/token", origin)).status, origin).toBe(403);
  }
  expect(room.eventsNamed("grant.refused").at(-1)?.reason).toBe("origin-unknown");
});

test("no other endpoint answers a browser's question or marks an answer, and none does while the server is off", async () => {
  for (const [method, path] of [
    ["GET", "/user"],
    ["POST", "/token?grant_type=password"],
    ["POST", "/signup"],
    ["GET", "/settings"],
    ["GET", "/oauth/authorize"],
    ["POST", "/oauth/clients/register"],
  ] as const) {
    expect(allowed(await ask(method, path, page)), path).toBeNull();
    expect((await ask("OPTIONS", path, page)).status, path).toBe(404);
  }
  const { identity } = serverPolicy;
  const off = { ...serverPolicy, identity: { ...identity, oauthServer: { on: false, registration: false } } };
  const url = await room.listen(await room.twin({ policy: off }));
  for (const [method, path] of readable) expect(allowed(await ask(method, path, page, url))).toBeNull();
});

test("a code is redeemed from the client's own page and by programs, and from no other client's page", async () => {
  const other = "https://other.example.test";
  await register({ redirect_uris: [`${other}/back`], token_endpoint_auth_method: "none" });
  const redeem = async (origin?: string) => {
    const back = await consent(await signedIn(), client, { redirect_uri: redirect });
    const code = back.searchParams.get("code");
    const body = { grant_type: "authorization_code", code, redirect_uri: redirect, code_verifier: verifier };
    const headers = origin === undefined ? {} : { origin };
    return await room.call("POST", "/oauth/token", { body: { ...body, client_id: client.client_id }, headers });
  };
  expect((await redeem(page)).status).toBe(200);
  expect((await redeem()).status).toBe(200);
  expect((await redeem(other)).body.error).toBe("unauthorized_client");
  const { access_token: token } = (await redeem()).body;
  const userinfo = (origin: string) => room.call("GET", "/oauth/userinfo", { token, headers: { origin } });
  expect([(await userinfo(page)).status, (await userinfo(other)).body.error]).toEqual([200, "unauthorized_client"]);
});

test("a twin that lets every origin read is caught", async () => {
  const url = await room.listen(await room.twin({ policy: serverPolicy, rules: { isClientOrigin: () => true } }));
  expect(allowed(await ask("GET", metadata, "https://attacker.example", url))).toBe("https://attacker.example");
});

test("a client finds the metadata where RFC 8414 says it is for an issuer with a path", async () => {
  const fetchHere = (url: string | URL, init?: object) =>
    fetch(`${room.url}${new URL(url).pathname}`, init as RequestInit);
  const found = await discovery(new URL("https://localhost:8443/auth/v1"), client.client_id, undefined, undefined, {
    algorithm: "oauth2",
    [customFetch]: fetchHere as never,
    execute: [allowInsecureRequests],
  });
  expect(found.serverMetadata()).toMatchObject({
    issuer: "https://localhost:8443/auth/v1",
    token_endpoint: "https://localhost:8443/auth/v1/oauth/token",
  });
});

test("an application's own scheme has no pages", () => {
  expect(
    originsOf(["com.example:/back", "https://a.example/x", "https://a.example/y", "http://127.0.0.1:5/z"]),
  ).toEqual(["https://a.example", "http://127.0.0.1:5"]);
});
