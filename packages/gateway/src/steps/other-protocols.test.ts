// Where a protocol of others meets the edge: a provider's form, and clients that authenticate to identity themselves. What these
// paths may, no other path may.
import { crossOriginPaths } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayFixture } from "../testing/gateway-fixture.ts";
import { lastHeaders, problemOf, startGateway } from "../testing/gateway-fixture.ts";
import type { StubAnswer } from "../testing/stub-service.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const form = { "content-type": "application/x-www-form-urlencoded" };
const identity = () => gateway.services.identity;

test("a provider's form arrives from another site, and is passed on as it is", async () => {
  const headers = { ...form, origin: "https://appleid.apple.com", "sec-fetch-site": "cross-site" };
  const answer = await gateway.send({ method: "POST", path: "/auth/v1/callback", headers, body: "state=a&code=b" });
  expect(answer.status).toBe(200);
  expect(identity()?.received.at(-1)).toMatchObject({ url: "/auth/v1/callback", body: "state=a&code=b" });
  const elsewhere = await gateway.send({ method: "POST", path: "/auth/v1/token", headers, body: "a=b" });
  expect(problemOf(elsewhere).code).toBe("origin-refused");
  const json = { ...headers, "content-type": "application/json" };
  const asJson = await gateway.send({ method: "POST", path: "/auth/v1/callback", headers: json, body: "{}" });
  expect(problemOf(asJson).code).toBe("body-type-unsupported");
});

test("a form of ours is taken nowhere but at the token endpoint of OAuth clients", async () => {
  const token = await gateway.send({
    method: "POST",
    path: "/auth/v1/oauth/token",
    headers: form,
    body: "grant_type=x",
  });
  expect(token.status).toBe(200);
  for (const path of ["/auth/v1/token", "/auth/v1/signup", "/auth/v1/oauth/clients/register"]) {
    const answer = await gateway.send({ method: "POST", path, headers: form, body: "a=b" });
    expect([path, problemOf(answer).code]).toEqual([path, "body-type-unsupported"]);
  }
});

test("a client's own credentials reach identity at the token endpoint, and are a broken token everywhere else", async () => {
  const authorization = "Basic YTpi";
  const headers = { ...form, authorization };
  await gateway.send({ method: "POST", path: "/auth/v1/oauth/token", headers, body: "grant_type=x" });
  expect(lastHeaders(identity())).toMatchObject({ authorization });
  const other = await gateway.send({ path: "/auth/v1/settings", headers: { authorization } });
  expect(problemOf(other).code).toBe("token-invalid");
});

test("identity alone sees the mark of a sign-in, and no other cookie of ours", async () => {
  const cookie = "__Host-sign-in=a; __Host-access=b; __Host-other=c";
  await gateway.send({ path: "/auth/v1/callback?state=a", headers: { cookie } });
  expect(lastHeaders(identity()).cookie).toBe("__Host-sign-in=a");
  await gateway.send({ path: "/api/open", headers: { cookie } });
  expect(lastHeaders(gateway.api).cookie).toBeUndefined();
});

test("a client's token is no token at the edge, except where identity itself reads it", async () => {
  const token = await gateway.issuer.token({ claims: { client_id: "00000000-0000-4000-8000-000000000000" } });
  const headers = { authorization: `Bearer ${token}` };
  expect(problemOf(await gateway.send({ path: "/auth/v1/user", headers })).code).toBe("token-invalid");
  expect((await gateway.send({ path: "/auth/v1/oauth/userinfo", headers })).status).toBe(200);
  expect(lastHeaders(identity()).authorization).toBe(`Bearer ${token}`);
});

test("pages of other origins may read what identity lets them at the OAuth server's endpoints, and nothing elsewhere whatever a service says", async () => {
  const page = "https://desk.example.test";
  const word: StubAnswer = (request, response) => {
    response.writeHead(200, {
      "content-type": "application/json",
      "access-control-allow-origin": String(request.headers.origin),
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
    });
    response.end("{}");
  };
  const lenient = await startGateway({ answer: word });
  const allowed = async (method: string, path: string, headers: Record<string, string> = {}) => {
    const body =
      method === "POST"
        ? { body: "grant_type=x", headers: { ...form, origin: page, ...headers } }
        : { headers: { origin: page, ...headers } };
    const answer = await lenient.send({ method, path, ...body });
    return [
      answer.status,
      answer.headers["access-control-allow-origin"],
      answer.headers["access-control-allow-credentials"],
    ];
  };
  const crossSite = { "sec-fetch-site": "cross-site" };
  expect(await allowed("POST", "/auth/v1/oauth/token", crossSite)).toEqual([200, page, undefined]);
  for (const path of crossOriginPaths) {
    expect(await allowed("OPTIONS", path, crossSite), path).toEqual([200, page, undefined]);
    if (path !== "/auth/v1/oauth/token")
      expect(await allowed("GET", path, crossSite), path).toEqual([200, page, undefined]);
  }
  for (const [method, path] of [
    ["GET", "/auth/v1/settings"],
    ["GET", "/api/open"],
    ["OPTIONS", "/auth/v1/settings"],
    ["OPTIONS", "/api/open"],
  ] as const) {
    expect((await allowed(method, path)).slice(1), path).toEqual([undefined, undefined]);
  }
  await lenient.close();
});
