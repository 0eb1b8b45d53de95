import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect } from "node:tls";
import { afterEach, expect, test } from "vitest";
import { replaceStep } from "../step.ts";
import { gatewaySteps } from "../steps.ts";
import { examplePolicy, HOST } from "../testing/example-policy.ts";
import type { FixtureOptions, GatewayFixture } from "../testing/gateway-fixture.ts";
import { problemOf, startGateway } from "../testing/gateway-fixture.ts";
import type { StubAnswer } from "../testing/stub-service.ts";

const open: GatewayFixture[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gateway) => gateway.close()));
});

async function start(given: FixtureOptions): Promise<GatewayFixture> {
  const gateway = await startGateway(given);
  open.push(gateway);
  return gateway;
}

const weak: StubAnswer = (_request, response) => {
  response.writeHead(200, {
    "content-type": "application/json",
    server: "Werkzeug/1.0 Python/2.7",
    "x-powered-by": "Express",
    "content-security-policy": "default-src *",
    "x-frame-options": "ALLOWALL",
    "strict-transport-security": "max-age=0",
    "access-control-allow-origin": "*",
    "x-debug-query": "SELECT hunter2",
    "x-total-count": "7",
    etag: '"1"',
    "set-cookie": [
      "theme=dark; Path=/",
      "__Host-access=stolen; Secure; Path=/",
      "__HOST-refresh=stolen; Secure; Path=/",
    ],
  });
  response.end("{}");
};

test("a service's own security fields are replaced by ours, and what says who it is goes no further", async () => {
  const { send } = await start({ answer: weak });
  const answer = await send({ path: "/api/open" });
  expect(answer.headers["content-security-policy"]).toBe(
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  );
  expect(answer.headers["x-frame-options"]).toBe("DENY");
  expect(answer.headers["strict-transport-security"]).toContain("63072000");
  for (const name of ["server", "x-powered-by", "x-debug-query", "access-control-allow-origin"])
    expect(answer.headers[name]).toBeUndefined();
  for (const name of ["content-security-policy", "x-frame-options", "strict-transport-security"]) {
    expect(answer.fields.filter(([field]) => field === name)).toHaveLength(1);
  }
  expect(answer.headers).toMatchObject({ "x-total-count": "7", etag: '"1"', "cache-control": "no-store" });
});

test("a service cannot set our cookies; identity can", async () => {
  const { send } = await start({ answer: weak });
  const cookies = async (path: string): Promise<readonly string[]> =>
    (await send({ path })).fields
      .filter(([name]) => name === "set-cookie")
      .map(([, value]) => value.split("=")[0] ?? "");
  expect(await cookies("/api/open")).toEqual(["theme"]);
  expect(await cookies("/auth/v1/health")).toEqual(["theme", "__Host-access", "__HOST-refresh"]);
});

test("what a framework says in the name of identity or the platform stays here, what they say themselves does not", async () => {
  let own: Readonly<Record<string, string>> = {};
  const answer: StubAnswer = (_request, response) => {
    response.writeHead(500, { "content-type": "application/json; charset=utf-8", ...own });
    response.end('{"statusCode":500,"error":"Internal Server Error","message":"password=hunter2"}');
  };
  const { send } = await start({ answer });
  const report = {
    method: "POST",
    path: "/platform/v1/reports/csp",
    headers: { "content-type": "application/csp-report" },
    body: "[{}]",
  };
  for (const sending of [{ path: "/auth/v1/health" }, report]) {
    const refused = await send(sending);
    const { path } = sending;
    expect([path, refused.status, problemOf(refused).code]).toEqual([path, 500, "upstream-error"]);
    expect(refused.text).not.toContain("hunter2");
  }
  own = { "x-sb-error-code": "unexpected_failure" };
  expect((await send({ path: "/auth/v1/health" })).headers["x-sb-error-code"]).toBe("unexpected_failure");
  expect(problemOf(await send(report)).code).toBe("upstream-error");
});

test("what a breaking service says stays here", async () => {
  const answer: StubAnswer = (_request, response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    response.end("Traceback: password=hunter2 at 10.1.2.3");
  };
  const { send, events } = await start({ answer });
  const refused = await send({ path: "/api/open" });
  expect([refused.status, problemOf(refused)]).toEqual([500, { code: "upstream-error", reason: "error" }]);
  expect(refused.text).not.toContain("hunter2");
  expect(events.at(-1)).toMatchObject({ name: "edge.upstream-failed", service: "api" });
});

test("a service that refuses politely is passed on", async () => {
  const answer: StubAnswer = (_request, response) => {
    response.writeHead(409, { "content-type": "application/problem+json" });
    response.end('{"type":"about:blank","status":409}');
  };
  const { send } = await start({ answer });
  const refused = await send({ path: "/api/open" });
  expect([refused.status, refused.body]).toEqual([409, '{"type":"about:blank","status":409}']);
});

test("a service that is down gives a problem without its address", async () => {
  const gateway = await start({});
  await gateway.api.close();
  const answer = await gateway.send({ path: "/api/open" });
  expect([answer.status, problemOf(answer)]).toEqual([503, { code: "upstream-unavailable", reason: "no-connection" }]);
  expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
  expect(answer.headers["x-content-type-options"]).toBe("nosniff");
});

test("a service that does not answer in its time gives 504", async () => {
  const { send } = await start({ answer: () => {} });
  const answer = await send({ path: "/api/open" });
  expect([answer.status, problemOf(answer).code]).toEqual([504, "upstream-timeout"]);
});

test("a service that breaks off gives a broken answer, not a short one", async () => {
  const answer: StubAnswer = (_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.write('{"a":1', () => response.socket?.destroy());
  };
  const { raw } = await start({ answer });
  const bytes = `GET /api/open HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
  const broken = await raw(bytes);
  expect(broken.text).not.toContain("0\r\n\r\n");
});

test("another service at the address, with a valid certificate of ours, gets nothing to see", async () => {
  const gateway = await start({ apiIdentity: "spiffe://holdfast/other" });
  const answer = await gateway.send({ path: "/api/open" });
  expect([answer.status, problemOf(answer)]).toEqual([502, { code: "upstream-failed", reason: "no-proper-answer" }]);
  expect(gateway.api.received).toEqual([]);
});

test("events stream through as they come, and a client that leaves frees the service", async () => {
  let stream: ServerResponse | undefined;
  const answer: StubAnswer = (_request, response) => {
    stream = response;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: 1\n\n");
  };
  const gateway = await start({ answer });
  const socket = connect({ port: gateway.port, host: "127.0.0.1", rejectUnauthorized: false });
  socket.write(`GET /api/open HTTP/1.1\r\nHost: ${HOST}\r\nAccept: text/event-stream\r\n\r\n`);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  while (!text.includes("data: 1")) await once(socket, "data");
  stream?.write("data: 2\n\n");
  while (!text.includes("data: 2")) await once(socket, "data");
  expect(text).toContain("x-content-type-options: nosniff");
  const closed = once(stream as ServerResponse, "close");
  socket.destroy();
  await closed;
});

test("without the body step a body still streams on, so that its twin shows what the step stops", async () => {
  const steps = replaceStep(gatewaySteps, "body", () => undefined);
  const { send, api } = await start({ options: { steps } });
  expect(
    (await send({ method: "POST", path: "/api/open", headers: { "content-type": "text/plain" }, body: "hello" }))
      .status,
  ).toBe(200);
  expect(api.received.at(-1)?.body).toBe("hello");
});

test("a step that throws answers 500 without a word of the error", async () => {
  for (const fail of [
    () => {
      throw new Error("SELECT hunter2");
    },
    () => Promise.reject(new Error("SELECT hunter2")),
    () => undefined,
  ]) {
    const { send } = await start({ options: { steps: replaceStep(gatewaySteps, "forward", fail) } });
    const answer = await send({ path: "/api/open" });
    expect([answer.status, problemOf(answer).code]).toEqual([500, "internal-error"]);
    expect(answer.text).not.toContain("hunter2");
  }
});

const html: StubAnswer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src *" });
  response.end("<!doctype html>");
};
const browser = { accept: "text/html,application/xhtml+xml" };

test("a page of identity is answered as a page, with the nonce that identity was given; a service's HTML is not", async () => {
  const redirects = ["https://app.example/welcome"];
  const policy = { ...examplePolicy(), identity: { ...examplePolicy().identity, redirects } };
  const { send, services } = await start({ answer: html, policy });
  const page = await send({ path: "/auth/v1/verify?token=a&type=signup", headers: browser });
  const nonce = services.identity?.received.at(-1)?.headers["x-holdfast-nonce"];
  expect(nonce).toMatch(/^[A-Za-z0-9+/]{22}==$/);
  const csp = String(page.headers["content-security-policy"]);
  expect(csp).toContain(`style-src 'self' 'nonce-${nonce}'`);
  expect(csp).toContain("form-action 'self' https://app.example;");
  expect(csp).toContain("frame-ancestors 'none'");
  expect(page.headers["permissions-policy"]).toBeDefined();
  const other = await send({ path: "/api/open", headers: browser });
  expect(other.headers["content-security-policy"]).toContain("default-src 'none'; frame-ancestors 'none'");
  expect(other.headers["permissions-policy"]).toBeUndefined();
});

test("a client cannot choose the nonce of a page, and a page that nobody asked for as one has none", async () => {
  const { send, services } = await start({ answer: html });
  await send({ path: "/auth/v1/verify", headers: { ...browser, "x-holdfast-nonce": "chosen" } });
  expect(services.identity?.received.at(-1)?.headers["x-holdfast-nonce"]).not.toContain("chosen");
  const answer = await send({ path: "/auth/v1/verify", headers: { "x-holdfast-nonce": "chosen" } });
  expect(services.identity?.received.at(-1)?.headers["x-holdfast-nonce"]).toBeUndefined();
  expect(answer.headers["content-security-policy"]).toContain("form-action 'none'");
});

test("the form behind a mailed link reaches identity; forms reach nothing else", async () => {
  const { send, services } = await start({});
  const form = { "content-type": "application/x-www-form-urlencoded", origin: "https://localhost:8443" };
  const body = "type=signup&token=abc";
  const sent = { method: "POST", headers: form, body };
  expect((await send({ ...sent, path: "/auth/v1/verify/confirm" })).status).toBe(200);
  expect(services.identity?.received.at(-1)?.body).toBe(body);
  expect((await send({ ...sent, path: "/auth/v1/verify" })).status).toBe(415);
  const foreign = { ...form, origin: "https://evil.example" };
  expect((await send({ ...sent, path: "/auth/v1/verify/confirm", headers: foreign })).status).toBe(403);
});
