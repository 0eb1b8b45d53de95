// The OAuth server as pages on other origins meet it: through the gateway, on every route of the policy.
import type { Policy } from "@holdfast/policy";
import { crossOriginPaths } from "@holdfast/policy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Ground, openTestGround, send } from "../testing/running-platform.ts";
import { testPolicy } from "../testing/test-policy.ts";
import type { Platform } from "./start-platform.ts";

const page = "https://desk.example.test";
const oauthServer = { on: true, registration: false };
const policy: Policy = { ...testPolicy, identity: { ...testPolicy.identity, oauthServer } };
let ground: Ground;
let platform: Platform;
beforeAll(async () => {
  ground = await openTestGround();
  platform = await ground.start({ policy });
  const body = { client_name: "Desk", redirect_uris: [`${page}/back`], token_endpoint_auth_method: "none" };
  const made = await send(platform, "POST /auth/v1/admin/oauth/clients", { token: platform.serviceKey, body });
  expect(made.status).toBe(201);
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await ground.close();
});

const allowedAt = async (method: string, path: string, origin: string) => {
  const headers = { origin, "sec-fetch-site": "cross-site", "access-control-request-method": "GET" };
  return (await send(platform, `${method} ${path}`, { headers })).headers["access-control-allow-origin"];
};

test("the metadata stands at the root, where RFC 8414 puts it for an issuer with a path, and a page of a client reads it", async () => {
  const path = "/.well-known/oauth-authorization-server/auth/v1";
  const answer = await send(platform, `GET ${path}`, { headers: { origin: page } });
  expect(answer.status).toBe(200);
  expect(answer.json.issuer).toBe(`${platform.origin}/auth/v1`);
  expect(answer.headers["access-control-allow-origin"]).toBe(page);
});

test("of all routes of the policy exactly these answer that page, and none any other", async () => {
  const routes = Object.values(policy.services).flatMap((service) => Object.values(service.routes));
  const paths = [...new Set(routes.map(({ path }) => path.replace(/:[A-Za-z0-9_]+/g, "x")))];
  expect(paths.length).toBeGreaterThan(60);
  const answering: string[] = [];
  for (const path of paths) {
    if ((await allowedAt("OPTIONS", path, page)) !== undefined) answering.push(path);
    expect(await allowedAt("OPTIONS", path, "https://attacker.example"), path).toBeUndefined();
  }
  expect(answering.toSorted()).toEqual([...crossOriginPaths].toSorted());
  for (const path of crossOriginPaths) expect(await allowedAt("GET", path, "https://attacker.example")).toBeUndefined();
});
