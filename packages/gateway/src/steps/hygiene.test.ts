import { afterAll, beforeAll, expect, test } from "vitest";
import { replaceStep } from "../step.ts";
import { gatewaySteps } from "../steps.ts";
import { HOST } from "../testing/example-policy.ts";
import type { GatewayFixture } from "../testing/gateway-fixture.ts";
import { lastHeaders, startGateway } from "../testing/gateway-fixture.ts";

let gateway: GatewayFixture;
let trusting: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway();
  const steps = replaceStep(gatewaySteps, "hygiene", (request) => {
    const { rawHeaders } = request.raw;
    const isOwn = (at: number): boolean =>
      ["host", "connection"].includes((rawHeaders[at - (at % 2)] ?? "").toLowerCase());
    request.upstreamHeaders = rawHeaders.filter((_, at) => !isOwn(at));
    return undefined;
  });
  trusting = await startGateway({ options: { steps } });
});
afterAll(async () => {
  await Promise.all([gateway.close(), trusting.close()]);
});

const forged: Readonly<Record<string, string>> = {
  "X-Forwarded-For": "10.0.0.1",
  "X-Forwarded-User": "admin",
  "X-Forwarded-Port": "1",
  Forwarded: "for=10.0.0.1;host=evil.example",
  "X-Real-IP": "10.0.0.1",
  "True-Client-IP": "10.0.0.1",
  "X-User-Id": "admin",
  "X-User-Roles": "admin",
  "X-Holdfast-Subject": "admin",
  "X-Holdfast-Address": "10.0.0.1",
  "X-Envoy-Original-Path": "/api/admin/users",
  "X-Original-URL": "/api/admin/users",
  "X-Rewrite-URL": "/api/admin/users",
  "X-HTTP-Method-Override": "DELETE",
  "Proxy-Authorization": "Basic YTpi",
  "Proxy-Connection": "keep-alive",
  X_Forwarded_For: "10.0.0.1",
  "Keep-Alive": "timeout=5",
  "Accept-Encoding": "gzip",
  TE: "trailers",
};

test("what a client claims in our name never reaches a service", async () => {
  expect((await gateway.send({ path: "/api/open", headers: forged })).status).toBe(200);
  const headers = lastHeaders(gateway.api);
  for (const [name, value] of Object.entries(forged))
    expect([name, headers[name.toLowerCase()]]).not.toEqual([name, value]);
});

test("it does without the step, which shows that the step is what stops it", async () => {
  const { "Keep-Alive": _, "Proxy-Connection": _two, TE: _three, ...passable } = forged;
  expect((await trusting.send({ path: "/api/open", headers: passable })).status).toBe(200);
  const headers = lastHeaders(trusting.api);
  expect(headers).toMatchObject({
    "x-user-id": "admin",
    "x-original-url": "/api/admin/users",
    forwarded: forged.Forwarded,
  });
});

test("the service learns what we know: request, address, route, host and scheme of the policy, correlation", async () => {
  const answer = await gateway.send({
    path: "/api/open",
    headers: { "X-Correlation-Id": "probe-1", "X-Forwarded-Host": "evil.example" },
  });
  expect(gateway.api.received.at(-1)?.headers).toMatchObject({
    "x-holdfast-request-id": answer.headers["x-request-id"],
    "x-holdfast-address": "127.0.0.1",
    "x-holdfast-route": "GET /api/open",
    "x-holdfast-correlation": "probe-1",
    "x-forwarded-host": HOST,
    "x-forwarded-proto": "https",
  });
});

test("a correlation that is not well-formed is not passed on", async () => {
  await gateway.send({ path: "/api/open", headers: { "X-Correlation-Id": "a b<script>" } });
  expect(gateway.api.received.at(-1)?.headers["x-holdfast-correlation"]).toBeUndefined();
});

test("fields that Connection names go no further, and cannot name ours away (CVE-2026-33805)", async () => {
  const headers = {
    Connection: "close, X-Secret-Hop, X-Holdfast-Address, X-Forwarded-Host",
    "X-Secret-Hop": "1",
    "X-Other": "2",
  };
  await gateway.send({ path: "/api/open", headers });
  const received = gateway.api.received.at(-1)?.headers ?? {};
  expect(received["x-secret-hop"]).toBeUndefined();
  expect(received).toMatchObject({ "x-other": "2", "x-holdfast-address": "127.0.0.1", "x-forwarded-host": HOST });
});

test("our cookies stay here: a service sees its own, identity sees the refresh token, the platform sees none", async () => {
  const headers = {
    cookie: "theme=dark; __Host-refresh=secret; __Host-other=1; lang=en",
    "content-type": "application/json",
    "sec-fetch-site": "same-origin",
  };
  const seen = async (service: string, method: string, path: string): Promise<unknown> => {
    expect((await gateway.send({ method, path, headers, ...(method === "GET" ? {} : { body: "{}" }) })).status).toBe(
      200,
    );
    return gateway.services[service]?.received.at(-1)?.headers.cookie;
  };
  expect(await seen("api", "GET", "/api/open")).toBe("theme=dark; lang=en");
  expect(await seen("identity", "POST", "/auth/v1/token?grant_type=refresh_token")).toBe("__Host-refresh=secret");
  const reports = { ...headers, "content-type": "application/csp-report" };
  await gateway.send({ method: "POST", path: "/platform/v1/reports/csp", headers: reports, body: "{}" });
  expect(gateway.services.platform?.received.at(-1)?.headers.cookie).toBeUndefined();
});
