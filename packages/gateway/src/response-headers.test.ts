import type { Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalOfConnectionError } from "./early-refusal.ts";
import { HOST } from "./testing/example-policy.ts";
import type { GatewayFixture } from "./testing/gateway-fixture.ts";
import { problemOf, startGateway } from "./testing/gateway-fixture.ts";
import { sendRaw } from "./testing/raw-http.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

const head = (line: string, ...lines: readonly string[]): string =>
  `${[line, `Host: ${HOST}`, ...lines].join("\r\n")}\r\n\r\n`;
const json = "Content-Type: application/json";

/** One refusal of every kind, before and after routing. */
const refusals: Readonly<Record<string, readonly [number, string, string]>> = {
  "a request line that is none": [400, "malformed-request", "HELLO\r\n\r\n"],
  "no host": [400, "host-malformed", "GET / HTTP/1.1\r\n\r\n"],
  "a foreign host": [421, "host-unknown", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"],
  "a malformed escape": [400, "path-refused", head("GET /%zz HTTP/1.1")],
  "an unknown path": [404, "route-unknown", head("GET /nothing HTTP/1.1")],
  "an unknown path with a type that is none": [
    404,
    "route-unknown",
    `${head("POST /nothing HTTP/1.1", "Content-Type: json", "Content-Length: 1")}x`,
  ],
  "an unknown path with a body that is too large": [
    404,
    "route-unknown",
    head("POST /nothing HTTP/1.1", json, "Content-Length: 99999999"),
  ],
  "a parameter of great length": [404, "route-unknown", head(`GET /content/${"a".repeat(200)} HTTP/1.1`)],
  "an unknown method": [405, "method-not-allowed", head("PROPFIND / HTTP/1.1")],
  TRACE: [405, "method-not-allowed", head("TRACE / HTTP/1.1")],
  CONNECT: [405, "method-not-allowed", `CONNECT ${HOST} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
  "an expectation": [417, "expectation-failed", head("GET / HTTP/1.1", "Expect: x")],
  "large header fields": [431, "headers-too-large", head("GET / HTTP/1.1", `X: ${"a".repeat(20_000)}`)],
  nobody: [401, "sign-in-required", head("GET /api/notes HTTP/1.1")],
  "an invalid token": [401, "token-invalid", head("GET /api/notes HTTP/1.1", "Authorization: Bearer x")],
  "a foreign page": [403, "origin-refused", head("POST /api/open HTTP/1.1", "Origin: https://evil.example", json)],
  "no body": [400, "body-missing", head("POST /api/open HTTP/1.1", json)],
  "a body of another type": [
    415,
    "body-type-unsupported",
    `${head("POST /api/open HTTP/1.1", "Content-Type: text/plain", "Content-Length: 1")}x`,
  ],
  "a body that is too large": [413, "body-too-large", head("POST /api/open HTTP/1.1", json, "Content-Length: 999999")],
};

describe("every refusal is a problem with all header fields, an id and an event", () => {
  test.each(Object.entries(refusals))("%s", async (_name, [status, code, bytes]) => {
    const answer = await gateway.raw(bytes);
    expect([answer.status, problemOf(answer).code]).toEqual([status, code]);
    const problem = JSON.parse(answer.body) as Record<string, unknown>;
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(answer.headers).toMatchObject({
      "strict-transport-security": "max-age=63072000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-resource-policy": "same-origin",
      "x-frame-options": "DENY",
      "x-xss-protection": "0",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      "cache-control": "no-store",
    });
    expect(answer.headers.server).toBeUndefined();
    expect(answer.headers["x-powered-by"]).toBeUndefined();
    expect(problem).toMatchObject({ status, instance: `urn:uuid:${answer.headers["x-request-id"]}` });
    expect(answer.fields.map(([name]) => name)).toEqual([...new Set(answer.fields.map(([name]) => name))]);
    const event = gateway.events.at(-1);
    expect(event).toMatchObject({
      requestId: answer.headers["x-request-id"],
      address: "127.0.0.1",
      detail: { code, status, port: expect.any(Number) },
    });
    expect(JSON.stringify(event).length).toBeLessThan(600);
  });
});

test("requests beyond what one connection may carry are not answered, rather than by Node's bare 503", async () => {
  const short = await startGateway({ options: { limits: { requestsPerConnection: 2 } } });
  const answer = await sendRaw(short.port, head("GET /api/open HTTP/1.1").repeat(4), { isReadToEnd: true });
  expect(answer.text.match(/HTTP\/1\.1 \d+/g)?.every((line) => line.endsWith("200"))).toBe(true);
  expect(answer.text.match(/HTTP\/1\.1 /g)?.length).toBeLessThanOrEqual(2);
  expect(answer.text.match(/connection: close/g)).toHaveLength(1);
  await short.close();
});

test("a request that does not arrive in its time gets a problem, not Node's bare 408", async () => {
  const late = Object.assign(new Error("late"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
  gateway.app.server.once("secureConnection", (socket: Socket) => gateway.app.server.emit("clientError", late, socket));
  const answer = await gateway.raw("GET / HTTP/1.1\r\nX-Slow: ");
  expect([answer.status, problemOf(answer)]).toEqual([408, { code: "request-timeout", reason: "timeout" }]);
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  expect(refusalOfConnectionError(Object.assign(new Error("gone"), { code: "ECONNRESET" }))).toBeNull();
});

test("a handshake that we refuse is an event with the client's address and port; one that the client refuses is none", async () => {
  const before = gateway.events.length;
  const port = await new Promise<number | undefined>((resolve) => {
    let from: number | undefined;
    const socket = connectTls({ host: "127.0.0.1", port: gateway.port, maxVersion: "TLSv1.2", ciphers: "AES128-SHA" });
    socket.once("connect", () => {
      from = socket.localPort;
    });
    // Being refused is what is tested.
    socket.on("error", () => {});
    socket.once("close", () => resolve(from));
  });
  await expect.poll(() => gateway.events.length).toBe(before + 1);
  const refused = { name: "edge.malformed-refused", reason: "tls", address: "127.0.0.1" };
  expect(gateway.events.at(-1)).toMatchObject({ ...refused, detail: { code: "malformed-request", port } });
  const alert = Object.assign(new Error("alert"), { code: "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA" });
  expect(refusalOfConnectionError(alert)).toBeNull();
});

test("what follows an unfinished answer is refused without a word, and recorded", async () => {
  const before = gateway.events.length;
  await gateway.raw(`${head("GET /api/open HTTP/1.1")}HELLO\r\n\r\n`);
  await expect
    .poll(() => gateway.events.slice(before).map(({ name, reason }) => [name, reason]))
    .toEqual([["edge.malformed-refused", "syntax"]]);
});

test("the server has its limits, none of them Node's default of none", () => {
  expect(gateway.app.server).toMatchObject({
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    keepAliveTimeout: 30_000,
    maxHeadersCount: 101,
    maxConnections: 10_000,
  });
});

const handshake = (given: object): Promise<string> =>
  new Promise((resolve) => {
    const socket = connectTls({ port: gateway.port, host: "127.0.0.1", rejectUnauthorized: false, ...given }, () => {
      resolve(`${socket.getProtocol()} ${socket.getCipher().name} ${socket.alpnProtocol}`);
      socket.destroy();
    });
    socket.once("error", () => resolve("refused"));
  });

test("TLS below 1.2 and suites without authenticated encryption are refused; HTTP/2 is not spoken", async () => {
  expect(await handshake({ minVersion: "TLSv1.3" })).toMatch(/^TLSv1\.3 TLS_AES_256_GCM_SHA384/);
  expect(await handshake({ maxVersion: "TLSv1.2" })).toMatch(/^TLSv1\.2 ECDHE-\S+(?:GCM|POLY1305)/);
  const weak = createSecureContext({ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
  expect(await handshake({ secureContext: weak })).toBe("refused");
  for (const ciphers of ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256", "AES256-SHA"]) {
    expect([ciphers, await handshake({ maxVersion: "TLSv1.2", ciphers })]).toEqual([ciphers, "refused"]);
  }
  expect(await handshake({ ALPNProtocols: ["h2", "http/1.1"] })).toMatch(/http\/1\.1$/);
  expect(await handshake({ ALPNProtocols: ["h2"] })).toBe("refused");
});

test("plain HTTP on the TLS port says nothing of us", async () => {
  const answer = await sendRaw(gateway.port, head("GET / HTTP/1.1"), { tls: false }).catch(() => null);
  expect(answer?.status ?? 0).toBe(0);
});
