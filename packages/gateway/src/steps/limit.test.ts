import { afterEach, expect, test } from "vitest";
import { withoutStep } from "../step.ts";
import { gatewaySteps } from "../steps.ts";
import type { FixtureOptions, GatewayFixture, Sending } from "../testing/gateway-fixture.ts";
import { startGateway } from "../testing/gateway-fixture.ts";

let gateway: GatewayFixture | null = null;
afterEach(async () => {
  await gateway?.close();
  gateway = null;
});

async function start(given: FixtureOptions["options"] = {}): Promise<GatewayFixture> {
  gateway = await startGateway({ options: given });
  return gateway;
}

async function statuses(of: GatewayFixture, times: number, sending: Sending): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let time = 0; time < times; time += 1) seen.push((await of.send(sending)).status);
  return seen;
}

test("a route's limit is kept, told in RateLimit fields, and over when it says so", async () => {
  const { send, clock, events } = await start();
  const first = await send({ path: "/api/scarce" });
  expect(first.headers["ratelimit-policy"]).toBe('"route";q=3;w=60');
  expect(first.headers.ratelimit).toBe('"route";r=2;t=20');
  await send({ path: "/api/scarce" });
  expect((await send({ path: "/api/scarce" })).headers.ratelimit).toBe('"route";r=0;t=60');
  const refused = await send({ path: "/api/scarce" });
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.body)).toMatchObject({
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    "violated-policies": ["route"],
  });
  expect(refused.headers["retry-after"]).toBe("20");
  expect(refused.headers.ratelimit).toBe('"route";r=0;t=20');
  expect(events.at(-1)).toMatchObject({ name: "edge.limit-exceeded", reason: "route", route: "GET /api/scarce" });
  clock.now += 20_000;
  expect((await send({ path: "/api/scarce" })).status).toBe(200);
});

test("without the quota step nothing is limited", async () => {
  const broken = await start({ steps: withoutStep(gatewaySteps, "quota") });
  expect(await statuses(broken, 6, { path: "/api/scarce" })).toEqual([200, 200, 200, 200, 200, 200]);
});

test("a forwarding field, a query or another spelling does not give a new quota", async () => {
  const { send } = await start();
  const seen: number[] = [];
  for (let time = 0; time < 5; time += 1) {
    const headers = {
      "x-forwarded-for": `10.0.0.${time}`,
      forwarded: `for=10.0.0.${time}`,
      "x-real-ip": `10.0.0.${time}`,
    };
    seen.push((await send({ path: `/api/scarce?n=${time}`, headers })).status);
  }
  expect(seen).toEqual([200, 200, 200, 429, 429]);
});

test("two accounts behind one address do not hinder each other", async () => {
  const { send, issuer } = await start();
  for (const token of [await issuer.token(), await issuer.token()]) {
    expect(
      (await send({ path: "/api/scarce", headers: { authorization: `Bearer ${token}` } })).headers.ratelimit,
    ).toContain("r=2");
  }
});

test("paths that name nothing are counted too", async () => {
  const gateway = await start({ limits: { unknown: { requests: 3, windowSeconds: 60 } } });
  expect(await statuses(gateway, 5, { path: "/nothing" })).toEqual([404, 404, 404, 429, 429]);
});

test("an address has one budget for everything it asks for", async () => {
  const gateway = await start({ limits: { address: { requests: 3, windowSeconds: 60 } } });
  expect(await statuses(gateway, 2, { path: "/nothing" })).toEqual([404, 404]);
  expect(await statuses(gateway, 3, { path: "/api/notes" })).toEqual([401, 429, 429]);
});

test("an address that sends invalid tokens is refused before its next token is verified", async () => {
  let verified = 0;
  const gateway = await start({
    limits: { tokenFailures: { requests: 3, windowSeconds: 60 } },
    verifier: {
      remembered: () => undefined,
      verify: async () => {
        verified += 1;
        return { kind: "refused", reason: "signature" };
      },
    },
  });
  const sending = { path: "/api/notes", headers: { authorization: "Bearer a.b.c" } };
  expect(await statuses(gateway, 5, sending)).toEqual([401, 401, 401, 429, 429]);
  expect(verified).toBe(3);
});
