import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOST } from "../testing/example-policy.ts";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";
import { HEADERS_MAX } from "./framing.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("framing");
});
afterAll(() => pair.close());

const get = (lines: readonly string[], version = "1.1"): string =>
  `${[`GET /api/open HTTP/${version}`, `Host: ${HOST}`, ...lines].join("\r\n")}\r\n\r\n`;
const post = (lines: readonly string[], body: string): string =>
  `${["POST /api/open HTTP/1.1", `Host: ${HOST}`, "Content-Type: application/json", ...lines].join("\r\n")}\r\n\r\n${body}`;

const chunked = "5\r\nhello\r\n0\r\n\r\n";

/** What Node's parser itself refuses (edge limits, smuggling): the answer must still be ours. */
const refusedByParser: Readonly<Record<string, string>> = {
  "both lengths": post(["Content-Length: 5", "Transfer-Encoding: chunked"], chunked),
  "two different Content-Length": post(["Content-Length: 5", "Content-Length: 6"], "hello!"),
  "two equal Content-Length": post(["Content-Length: 5", "Content-Length: 5"], "hello"),
  "a signed Content-Length": post(["Content-Length: +5"], "hello"),
  "a space before the colon": post(["Transfer-Encoding : chunked"], chunked),
  "a folded field": get(["X-Folded: a", " b"]),
  "chunked before another coding": post(["Transfer-Encoding: chunked, identity"], chunked),
  "two Transfer-Encoding": post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], chunked),
  "a bare line feed": `GET /api/open HTTP/1.1\nHost: ${HOST}\n\n`,
  "a carriage return in a value": get(["X-Value: a\rb"]),
  "a zero byte in a value": get(["X-Value: a\0b"]),
  "a request line that is none": "HELLO\r\n\r\n",
  "a version that is none": `GET /api/open HTTP/9.9\r\nHost: ${HOST}\r\n\r\n`,
};

describe("a request that Node's parser refuses", () => {
  test.each(Object.entries(refusedByParser))(
    "%s: is answered with a problem that bears all header fields",
    async (_name, bytes) => {
      const answer = await pair.sound.raw(bytes);
      expect(answer.status).toBe(400);
      expect(problemOf(answer)).toEqual({ code: "malformed-request", reason: "syntax" });
      expect(answer.headers["strict-transport-security"]).toContain("max-age=");
      expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
      expect(answer.headers.connection).toBe("close");
      const event = pair.sound.events.at(-1);
      expect(event?.name).toBe("edge.malformed-refused");
      expect(event?.requestId).toBe(answer.headers["x-request-id"]);
    },
  );
});

/** What Node accepts and two readers could understand differently: refused by the step, and only by it. */
const refusedByStep: Readonly<Record<string, readonly [string, string]>> = {
  "Transfer-Encoding in HTTP/1.0": [
    "transfer-encoding-in-http-1.0",
    get(["Transfer-Encoding: chunked"], "1.0") + chunked,
  ],
  "a body on GET": ["body-on-get", `${get(["Content-Length: 5"])}hello`],
  "a chunked body on GET": ["body-on-get", get(["Transfer-Encoding: chunked"]) + chunked],
  "two Authorization": ["duplicate-header", get(["Authorization: Bearer a", "Authorization: Bearer b"])],
  "two Content-Type": ["duplicate-header", post(["content-type: text/plain", "Content-Length: 2"], "{}")],
  "two Origin": ["duplicate-header", get(["Origin: https://a.example", "Origin: https://b.example"])],
};

describe("a request that is framed ambiguously", () => {
  test.each(Object.entries(refusedByStep))("%s: is refused", async (_name, [reason, bytes]) => {
    const answer = await pair.sound.raw(bytes);
    expect(answer.status).toBe(400);
    expect(problemOf(answer)).toEqual({ code: "malformed-request", reason });
    expect(pair.sound.events.at(-1)).toMatchObject({ name: "edge.malformed-refused", reason });
  });

  test.each(Object.entries(refusedByStep))("%s: passes without the step", async (_name, [, bytes]) => {
    const answer = await pair.broken.raw(bytes);
    expect(answer.body).not.toContain("malformed-request");
  });
});

test("more header fields than allowed are refused rather than dropped", async () => {
  const lines = Array.from({ length: HEADERS_MAX }, (_, index) => `x-field-${index}: 1`);
  const answer = await pair.sound.raw(get(lines));
  expect(answer.status).toBe(431);
  expect(problemOf(answer)).toEqual({ code: "headers-too-large", reason: "too-many-headers" });
  expect((await pair.broken.raw(get(lines))).status).toBe(200);
});

test("header fields that are too large together get a problem, not Node's bare 431", async () => {
  const answer = await pair.sound.raw(get([`x-large: ${"a".repeat(20_000)}`]));
  expect(answer.status).toBe(431);
  expect(problemOf(answer)).toEqual({ code: "headers-too-large", reason: "too-large" });
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
});

test("an expectation that nobody can meet gets a problem, not Node's bare 417", async () => {
  const answer = await pair.sound.raw(get(["Expect: a-miracle"]));
  expect(answer.status).toBe(417);
  expect(problemOf(answer).code).toBe("expectation-failed");
  expect(answer.headers["x-frame-options"]).toBe("DENY");
});

test("TRACE, CONNECT and methods that nobody serves get 405 with Allow", async () => {
  for (const request of [
    `TRACE /api/open HTTP/1.1`,
    `CONNECT ${HOST} HTTP/1.1`,
    "PROPFIND / HTTP/1.1",
    "OPTIONS /api/open HTTP/1.1",
  ]) {
    const answer = await pair.sound.raw(`${request}\r\nHost: ${HOST}\r\n\r\n`);
    expect([request, answer.status]).toEqual([request, 405]);
    expect(answer.headers.allow).toContain("GET");
    expect(problemOf(answer).code).toBe("method-not-allowed");
    expect(answer.headers["strict-transport-security"]).toBeDefined();
  }
});

test("a request that both the step and the parser refuse is answered once", async () => {
  const before = pair.sound.events.length;
  const answer = await pair.sound.raw(post(["Transfer-Encoding: xchunked"], chunked));
  expect(problemOf(answer)).toEqual({ code: "malformed-request", reason: "transfer-encoding" });
  expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(pair.sound.events).toHaveLength(before + 1);
});

test("a second request hidden behind a refused one is not answered", async () => {
  const smuggled = `GET /api/open HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  const before = pair.sound.api.received.length;
  const answer = await pair.sound.raw(
    post(["Content-Length: 5", "Transfer-Encoding: chunked"], `0\r\n\r\n${smuggled}`),
  );
  expect(answer.text.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(pair.sound.api.received).toHaveLength(before);
});
