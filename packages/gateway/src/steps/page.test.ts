import { afterAll, beforeAll, expect, test } from "vitest";
import { drawNonce } from "../nonce.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("headers");
});
afterAll(() => pair.close());

const nonceOf = (policy: string | undefined): string => /'nonce-([^']+)'/.exec(policy ?? "")?.[1] ?? "";

test("a page carries a strict policy whose nonce is in the places that the build marked, and nowhere else", async () => {
  const answer = await pair.sound.send({ path: "/" });
  expect(answer.status).toBe(200);
  expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
  expect(answer.headers["cache-control"]).toBe("no-store");
  const policy = answer.headers["content-security-policy"] ?? "";
  const nonce = nonceOf(policy);
  expect(Buffer.from(nonce, "base64")).toHaveLength(16);
  expect(answer.body.match(/nonce="([^"]+)"/g)).toEqual([`nonce="${nonce}"`, `nonce="${nonce}"`]);
  expect(policy.split("; ")).toEqual([
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types app dompurify",
    "report-uri /platform/v1/reports/csp",
    "report-to csp",
  ]);
  expect(policy).not.toMatch(/unsafe-|https:|\*/);
});

test("no two pages share a nonce", async () => {
  const seen = new Set<string>();
  for (let time = 0; time < 20; time += 1) {
    seen.add(nonceOf((await pair.sound.send({ path: "/" })).headers["content-security-policy"]));
  }
  expect(seen.size).toBe(20);
  const many = new Set(Array.from({ length: 2_000 }, drawNonce));
  expect(many.size).toBe(2_000);
});

test("a page has every header field of its class", async () => {
  const { headers } = await pair.sound.send({ path: "/" });
  expect(headers).toMatchObject({
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "x-frame-options": "DENY",
    "x-xss-protection": "0",
    "reporting-endpoints": 'csp="/platform/v1/reports/csp"',
  });
  expect(headers["permissions-policy"]).toContain("camera=(), ");
  expect(headers["server"]).toBeUndefined();
});

test("without the headers step nothing has any", async () => {
  for (const path of ["/", "/api/open", "/nothing", "/api/%2f"]) {
    const { headers } = await pair.broken.send({ path });
    for (const name of [
      "strict-transport-security",
      "content-security-policy",
      "x-content-type-options",
      "x-frame-options",
    ]) {
      expect([path, name, headers[name]]).toEqual([path, name, undefined]);
    }
  }
});

test("a mounted site's first page is served with and without a slash", async () => {
  const headers = { cookie: `__Host-access=${await pair.sound.issuer.token({ roles: ["admin"], aal: "aal2" })}` };
  for (const path of ["/console", "/console/"]) expect((await pair.sound.send({ path, headers })).status).toBe(200);
});

test("files with a hash in their name are kept for ever, others are asked for again, and their kind is exact", async () => {
  const script = await pair.sound.send({ path: "/assets/index-AbCdEf12.js" });
  expect(script.headers).toMatchObject({
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
  });
  const robots = await pair.sound.send({ path: "/robots.txt" });
  expect(robots.headers["cache-control"]).toBe("no-cache");
  const again = await pair.sound.send({ path: "/robots.txt", headers: { "if-none-match": robots.headers.etag ?? "" } });
  expect([again.status, again.body]).toEqual([304, ""]);
});

test("nothing of a site but its listed files can be had", async () => {
  for (const path of [
    "/.env",
    "/.source-hash",
    "/assets/index-AbCdEf12.js.map",
    "/index.html",
    "/assets/",
    "/assets",
    "/package.json",
    "/etc/passwd",
  ]) {
    expect([path, (await pair.sound.send({ path })).status]).toEqual([path, 404]);
  }
  for (const path of [
    "/assets/../.env",
    "/assets/%2e%2e/.env",
    "/assets/..%2f.env",
    "/assets/....//.env",
    "/%2e%2e/%2e%2e/etc/passwd",
  ]) {
    expect([path, (await pair.sound.send({ path })).status]).toEqual([path, 400]);
  }
});
