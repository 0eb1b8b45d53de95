import { afterAll, beforeAll, expect, test } from "vitest";
import { asksForPage, problemPage } from "./problem-page.ts";
import { examplePolicy, HOST } from "./testing/example-policy.ts";
import type { GatewayFixture } from "./testing/gateway-fixture.ts";
import { problemOf, startGateway } from "./testing/gateway-fixture.ts";

/** As browsers send it when somebody opens an address. */
const ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway({
    answer: (_request, response) => {
      response.writeHead(500);
      response.end("words of its own");
    },
  });
});
afterAll(() => gateway.close());

const cases: readonly (readonly [string, number, string, string?])[] = [
  ["/no-such-page", 404, "There is nothing here."],
  ["/api/operator", 401, "Sign in first."],
  ["/%zz", 400, "The path of the request is ambiguous or malformed."],
  ["/", 421, "The request names a host that is not served here.", "evil.example"],
  ["/api/open", 500, "The service failed."],
];

test.each(cases)("a browser that opens %s reads a page with status %i", async (path, status, title, host = HOST) => {
  const before = gateway.events.length;
  const answer = await gateway.raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: ${ACCEPT}\r\n\r\n`);
  expect(answer.status).toBe(status);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  const policy = answer.headers["content-security-policy"] ?? "";
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  expect(policy).toContain("require-trusted-types-for 'script'");
  expect(answer.body).toContain(`<style nonce="${nonce}">`);
  expect(answer.body).not.toMatch(/<script|\son\w+=|javascript:|words of its own|evil/);
  expect(answer.body).toContain(`<h1>${title}</h1>`);
  expect(answer.body).toContain(`request ${answer.headers["x-request-id"]}`);
  expect(answer.headers).toMatchObject({
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
  });
  expect(gateway.events.slice(before).map(({ requestId }) => requestId)).toContain(answer.headers["x-request-id"]);
});

test.each([undefined, "*/*", "application/json", "application/problem+json"])(
  "whoever accepts %s reads the problem",
  async (accept) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    const answer = await gateway.send({ path: "/no-such-page", headers });
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect([answer.status, problemOf(answer).code]).toEqual([404, "route-unknown"]);
  },
);

test("a limit says in its page what it says in its problem", async () => {
  const headers = { accept: ACCEPT };
  for (let time = 0; time < 3; time += 1) await gateway.send({ path: "/api/scarce", headers });
  const answer = await gateway.send({ path: "/api/scarce", headers });
  expect(answer.status).toBe(429);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expect(answer.body).toContain("Wait a little");
});

test("a start page is linked only where there is one", () => {
  const refusal = { code: "route-unknown", reason: "none" } as const;
  expect(problemPage(refusal, "id", "nonce", examplePolicy())).toContain('<a href="/">');
  expect(problemPage(refusal, "id", "nonce", { ...examplePolicy(), sites: {} })).not.toContain("href=");
  expect(asksForPage(undefined)).toBe(false);
});
