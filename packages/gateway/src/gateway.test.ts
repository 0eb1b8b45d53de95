import { afterAll, beforeAll, expect, test } from "vitest";
import type { GatewayFixture } from "./testing/gateway-fixture.ts";
import { problemOf, startGateway } from "./testing/gateway-fixture.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

test("a signed-in person reaches a route and the service gets the verified token", async () => {
  const token = await gateway.issuer.token({ roles: ["reader"] });
  const answer = await gateway.send({ path: "/api/notes", headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toEqual({ method: "GET", url: "/api/notes", body: "" });
  expect(gateway.api.received.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
});

test("nobody in particular is told to sign in", async () => {
  const answer = await gateway.send({ path: "/api/notes" });
  expect(answer.status).toBe(401);
  expect(problemOf(answer)).toEqual({ code: "sign-in-required", reason: "not-signed-in" });
});
