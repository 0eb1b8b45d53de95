import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOST, ORIGIN } from "../testing/example-policy.ts";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("host");
});
afterAll(() => pair.close());

const request = (target: string, hosts: readonly string[], version = "1.1"): string =>
  `${[`GET ${target} HTTP/${version}`, ...hosts.map((name) => `Host: ${name}`)].join("\r\n")}\r\n\r\n`;

const refused: Readonly<Record<string, readonly [number, string, string]>> = {
  "another host": [421, "foreign-host", request("/api/open", ["evil.example"])],
  "our host on another port": [421, "foreign-host", request("/api/open", ["localhost:1"])],
  "our host with a dot behind it": [421, "foreign-host", request("/api/open", ["localhost.:8443"])],
  "two Host fields, ours first": [400, "duplicate-host", request("/api/open", [HOST, "evil.example"])],
  "two Host fields, ours last": [400, "duplicate-host", request("/api/open", ["evil.example", HOST])],
  "two equal Host fields": [400, "duplicate-host", request("/api/open", [HOST, HOST])],
  "no Host": [400, "missing-host", request("/api/open", [])],
  "no Host in HTTP/1.0": [400, "missing-host", request("/api/open", [], "1.0")],
  "an empty Host": [400, "missing-host", request("/api/open", [""])],
  "an absolute form with another host": [421, "foreign-target", request("https://evil.example/api/open", [HOST])],
  "an absolute form with another scheme": [421, "foreign-target", request(`http://${HOST}/api/open`, [HOST])],
  "an absolute form with a user": [421, "foreign-target", request(`https://a@${HOST}/api/open`, [HOST])],
};

describe("the host of a request", () => {
  test.each(Object.entries(refused))("%s: is refused", async (_name, [status, reason, bytes]) => {
    const answer = await pair.sound.raw(bytes);
    expect(answer.status).toBe(status);
    expect(problemOf(answer).reason).toBe(reason);
    expect(pair.sound.events.at(-1)).toMatchObject({ name: "edge.host-refused", reason });
  });

  test.each(Object.entries(refused))("%s: passes without the step", async (_name, [, , bytes]) => {
    expect((await pair.broken.raw(bytes)).status).toBe(200);
  });

  test("our own, in any case and in an absolute form, is served", async () => {
    expect((await pair.sound.raw(request("/api/open", ["LOCALHOST:8443"]))).status).toBe(200);
    expect((await pair.sound.raw(request(`${ORIGIN}/api/open?a=1`, [HOST]))).status).toBe(200);
    expect(pair.sound.api.received.at(-1)?.url).toBe("/api/open?a=1");
  });

  test("what a forwarding field says about the host changes nothing", async () => {
    const bytes = `GET /api/open HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: ${HOST}\r\nForwarded: host=${HOST}\r\n\r\n`;
    expect((await pair.sound.raw(bytes)).status).toBe(421);
  });
});
