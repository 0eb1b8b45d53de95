import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, defineSecurity, type Policy } from "@holdfast/policy";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GatewayErrorCode } from "./error.ts";
import type { AnsweredRequest, GatewayOptions } from "./gateway.ts";
import { createGateway } from "./gateway.ts";
import { stepNames } from "./step.ts";
import { gatewaySteps } from "./steps.ts";
import { testAuthority } from "./testing/certificates.ts";
import { examplePolicy, ISSUER, ORIGIN } from "./testing/example-policy.ts";
import { buildSite, problemOf, startGateway } from "./testing/gateway-fixture.ts";
import { sendRaw } from "./testing/raw-http.ts";
import type { UpstreamOptions } from "./upstream-connection.ts";

let directory: string;
let options: GatewayOptions;
beforeAll(async () => {
  directory = await buildSite();
  const authority = await testAuthority();
  const certificate = await authority.issue("spiffe://holdfast/gateway");
  const upstream = { url: "https://127.0.0.1:1", certificate, authorityPem: authority.certificatePem };
  options = {
    policy: examplePolicy(),
    issuer: ISSUER,
    jwks: () => ({ keys: [] }),
    upstreams: { api: upstream, identity: upstream, platform: upstream },
    sites: { app: { directory }, console: { directory } },
    emit: () => {},
    now: Date.now,
  };
});
afterAll(() => rm(directory, { recursive: true }));

const upstream = (): UpstreamOptions => options.upstreams.api as UpstreamOptions;
const withRoute = (route: Record<string, unknown>): Policy => {
  const policy = examplePolicy();
  const api = policy.services.api as Policy["services"][string];
  return {
    ...policy,
    services: {
      ...policy.services,
      api: { ...api, routes: { ...api.routes, extra: { ...api.routes["GET /api/open"], ...route } as never } },
    },
  };
};

describe("a gateway does not boot", () => {
  const refused: Readonly<Record<string, readonly [GatewayErrorCode, () => Partial<GatewayOptions>]>> = {
    "without an upstream that the policy names": [
      "gateway/upstream-missing",
      () => ({ upstreams: { api: upstream() } }),
    ],
    "without a site that the policy names": ["gateway/site-missing", () => ({ sites: {} })],
    "with a site that was not built": [
      "gateway/site-unreadable",
      () => ({ sites: { app: { directory: join(directory, "no") }, console: { directory } } }),
    ],
    "with an upstream on plain HTTP": [
      "gateway/peer-unchecked",
      () => ({ upstreams: { ...options.upstreams, api: { ...upstream(), url: "http://127.0.0.1:1" } } }),
    ],
    "with two routes for the same requests": [
      "gateway/route-conflict",
      () => ({ policy: withRoute({ path: "/api/open" }) }),
    ],
    "with a pattern that matches more than it says": [
      "gateway/route-invalid",
      () => ({ policy: withRoute({ path: "/api/*" }) }),
    ],
    "with a schema that cannot be checked": [
      "gateway/schema-invalid",
      () => ({
        policy: withRoute({
          path: "/api/x",
          method: "POST",
          takesBody: true,
          body: { type: "string", format: "unheard-of" },
        }),
      }),
    ],
    "without a way to verify tokens": ["gateway/verifier-missing", () => ({ jwks: undefined as never })],
  };

  test.each(Object.entries(refused))("%s", async (_name, [code, change]) => {
    await expect(createGateway({ ...options, ...change() })).rejects.toMatchObject({ code });
  });

  test("when something registers a route that the policy does not name", async () => {
    const app = await createGateway(options);
    expect(() => app.get("/backdoor", async () => "hello")).toThrow(
      expect.objectContaining({ code: "gateway/route-not-named" }),
    );
    expect(() => app.get("/api/open", async () => "mine")).toThrow(
      expect.objectContaining({ code: "gateway/route-not-named" }),
    );
    await app.close();
  });
});

test("the steps are one list, in the order of their names", () => {
  expect(gatewaySteps.map((step) => step.name)).toEqual(stepNames);
});

test("everything that is answered is observed once, with its route and never its path", async () => {
  const answered: AnsweredRequest[] = [];
  const gateway = await startGateway({ options: { observe: (one) => answered.push(one) } });
  const token = await gateway.issuer.token({ roles: ["reader"] });
  await gateway.send({
    path: "/api/notes/secret?q=secret",
    headers: { authorization: `Bearer ${token}`, "x-correlation-id": "c-1" },
  });
  await gateway.send({ path: "/nothing" });
  await gateway.send({ path: "/" });
  expect(answered).toMatchObject([
    {
      method: "GET",
      route: "GET /api/notes/:id",
      service: "api",
      status: 200,
      correlation: "c-1",
      address: "127.0.0.1",
    },
    { route: undefined, service: undefined, status: 404 },
    { route: "GET /", status: 200 },
  ]);
  expect(JSON.stringify(answered)).not.toContain("secret");
  await gateway.close();
});

test("plain HTTP, for a first look on loopback, is the same in everything else", async () => {
  const policy = defineSecurity({
    application: { name: "test", origin: "http://localhost:8080" },
    roles: { admin: { requires: "aal2" } },
    services: { api: { routes: { "GET /api/open": { allow: anyone() } } } },
  });
  const app = await createGateway({ ...options, policy });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { readonly port: number };
  const answer = await sendRaw(port, "GET /nothing HTTP/1.1\r\nHost: localhost:8080\r\n\r\n", { tls: false });
  expect([answer.status, problemOf(answer).code]).toEqual([404, "route-unknown"]);
  expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  await app.close();
});

test("a site that holds a folder too deep or a link is not followed out of it", async () => {
  const empty = await mkdtemp(join(tmpdir(), "holdfast-empty-"));
  await expect(
    createGateway({ ...options, sites: { app: { directory: empty }, console: { directory } } }),
  ).rejects.toMatchObject({ code: "gateway/site-unreadable" });
  await rm(empty, { recursive: true });
});

test("the origin of the policy is what counts, not where the gateway listens", async () => {
  const gateway = await startGateway();
  expect(gateway.port).not.toBe(8443);
  expect((await gateway.send({ path: `${ORIGIN}/api/open` })).status).toBe(200);
  await gateway.close();
});
