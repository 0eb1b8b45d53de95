import { connect } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOST } from "../testing/example-policy.ts";
import type { GatewayFixture } from "../testing/gateway-fixture.ts";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";
import type { RawAnswer } from "../testing/raw-http.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("body");
});
afterAll(() => pair.close());

const post = (
  gateway: GatewayFixture,
  body: string,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<RawAnswer> => gateway.send({ method: "POST", path: "/api/open", headers, body });

test("a body that matches the schema reaches the service byte for byte", async () => {
  const body = '{ "title" : "\\u0041",\n"count":3, "tags":["a"], "place":{"city":"x"} }';
  expect((await post(pair.sound, body)).status).toBe(200);
  expect(pair.sound.api.received.at(-1)?.body).toBe(body);
});

const nested = (depth: number): string => `{"title":"x","tags":${"[".repeat(depth)}${"]".repeat(depth)}}`;

const refused: Readonly<Record<string, readonly [number, string, string, string]>> = {
  "a duplicate key": [400, "body-malformed", "duplicate-key", '{"title":"a","title":"b"}'],
  "a duplicate key spelled with an escape": [400, "body-malformed", "duplicate-key", '{"title":"a","titl\\u0065":"b"}'],
  "a duplicate key deep inside": [
    400,
    "body-malformed",
    "duplicate-key",
    '{"title":"a","place":{"city":"a","city":"b"}}',
  ],
  __proto__: [400, "body-malformed", "poisoned-key", '{"title":"a","__proto__":{"admin":true}}'],
  "__proto__ spelled with an escape": [
    400,
    "body-malformed",
    "poisoned-key",
    '{"title":"a","\\u005f_proto__":{"admin":true}}',
  ],
  "constructor.prototype": [
    400,
    "body-malformed",
    "poisoned-key",
    '{"title":"a","constructor":{"prototype":{"admin":true}}}',
  ],
  "half of a surrogate pair": [400, "body-malformed", "lone-surrogate", '{"title":"\\ud800"}'],
  "65 levels": [400, "body-malformed", "too-deep", nested(64)],
  "no JSON": [400, "body-malformed", "syntax", "title=a"],
  "JSON with a comment": [400, "body-malformed", "syntax", '{"title":"a"/* */}'],
  "a byte order mark": [400, "body-malformed", "syntax", '\uFEFF{"title":"a"}'],
  "a number where a text belongs": [400, "body-invalid", "schema", '{"title":1}'],
  "a text where a number belongs": [400, "body-invalid", "schema", '{"title":"a","count":"1"}'],
  "an array around a number": [400, "body-invalid", "schema", '{"title":"a","count":[1]}'],
  "null where a number belongs": [400, "body-invalid", "schema", '{"title":"a","count":null}'],
  "true where a number belongs": [400, "body-invalid", "schema", '{"title":"a","count":true}'],
  "an unknown property": [400, "body-invalid", "schema", '{"title":"a","owner_id":"me"}'],
  "an unknown property deep inside": [400, "body-invalid", "schema", '{"title":"a","place":{"city":"x","admin":true}}'],
  "a missing property": [400, "body-invalid", "schema", "{}"],
  "an array": [400, "body-invalid", "schema", "[]"],
  nothing: [400, "body-missing", "missing", ""],
  "more bytes than allowed": [413, "body-too-large", "too-large", JSON.stringify({ title: "a".repeat(3_000) })],
};

describe("a body", () => {
  test.each(Object.entries(refused))("with %s is refused", async (_name, [status, code, reason, body]) => {
    const before = pair.sound.api.received.length;
    const answer = await post(pair.sound, body);
    expect([answer.status, problemOf(answer)]).toEqual([status, { code, reason }]);
    expect(pair.sound.events.at(-1)).toMatchObject({ name: "edge.body-refused", route: "POST /api/open" });
    expect(pair.sound.api.received).toHaveLength(before);
  });

  test.each(Object.entries(refused))("with %s reaches the service without the step", async (_name, [, , , body]) => {
    expect((await post(pair.broken, body)).status).toBe(200);
    expect(pair.broken.api.received.at(-1)?.body).toBe(body);
  });

  test("64 levels deep is read, so that only the schema speaks", async () => {
    expect(problemOf(await post(pair.sound, nested(63))).code).toBe("body-invalid");
  });

  test("that breaks the schema is told where", async () => {
    const answer = await post(pair.sound, '{"title":"a","tags":["a",1]}');
    expect(JSON.parse(answer.body).errors).toEqual([{ pointer: "/tags/1", detail: "must be string" }]);
  });

  test("that is no UTF-8 is refused", async () => {
    const body = Buffer.concat([Buffer.from('{"title":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    const head = `POST /api/open HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await pair.sound.raw(Buffer.concat([Buffer.from(head), body]));
    expect(problemOf(answer)).toEqual({ code: "body-malformed", reason: "encoding" });
  });

  test("on a route that takes none is refused", async () => {
    const token = await pair.sound.issuer.token({ roles: ["editor"] });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await pair.sound.send({ method: "DELETE", path: "/api/notes/1", headers, body: "{}" });
    expect(problemOf(answer).code).toBe("body-not-expected");
  });

  test("is counted as it arrives, whatever is said about its length", async () => {
    const chunk = `400\r\n${"a".repeat(0x400)}\r\n`;
    const head = `POST /api/open HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await pair.sound.raw(head + chunk.repeat(5));
    expect([answer.status, answer.headers.connection]).toEqual([413, "close"]);
    const whole = await pair.sound.raw(`${head}c\r\n{"title":"a"\r\n1\r\n}\r\n0\r\n\r\n`);
    expect(whole.status).toBe(200);
  });

  test("that breaks off leaves nothing behind", async () => {
    const before = pair.sound.api.received.length;
    const socket = connect({ port: pair.sound.port, host: "127.0.0.1", rejectUnauthorized: false });
    socket.write(
      `POST /api/open HTTP/1.1\r\nHost: ${HOST}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"title"`,
    );
    await new Promise<void>((resolve) => socket.once("secureConnect", resolve));
    socket.destroy();
    expect((await pair.sound.send({ path: "/api/open" })).status).toBe(200);
    expect(pair.sound.api.received).toHaveLength(before + 1);
  });
});

describe("the media type of a body", () => {
  const taken = [
    "application/json",
    "Application/JSON",
    "application/json; charset=utf-8",
    'application/json;charset="UTF-8"',
  ];
  const refusedTypes = [
    "text/plain",
    "application/json\ta",
    "application/json;",
    "application/json; charset=utf-16",
    "application/json; boundary=x",
    "application/jsonx",
    "application/x-www-form-urlencoded",
    "text/plain; application/json",
    "application/json, text/plain",
    "application/vnd.api+json",
    "multipart/form-data; boundary=x",
  ];

  test.each(taken)("%s is taken", async (type) => {
    expect((await post(pair.sound, '{"title":"a"}', { "content-type": type })).status).toBe(200);
  });

  test.each(refusedTypes)("%s is refused with 415", async (type) => {
    const answer = await post(pair.sound, '{"title":"a"}', { "content-type": type });
    expect([answer.status, problemOf(answer).code]).toEqual([415, "body-type-unsupported"]);
  });

  test("that is missing, or a coding around it, is refused with 415", async () => {
    expect((await post(pair.sound, '{"title":"a"}', {})).status).toBe(415);
    const coded = { "content-type": "application/json", "content-encoding": "gzip" };
    expect((await post(pair.sound, '{"title":"a"}', coded)).status).toBe(415);
  });

  test("of a browser's report is a report's", async () => {
    for (const type of ["application/csp-report", "application/reports+json"]) {
      const sending = {
        method: "POST",
        path: "/platform/v1/reports/csp",
        headers: { "content-type": type },
        body: "[{}]",
      };
      expect((await pair.sound.send(sending)).status).toBe(200);
    }
    const sending = {
      method: "POST",
      path: "/platform/v1/reports/csp",
      headers: { "content-type": "text/plain" },
      body: "[{}]",
    };
    expect((await pair.sound.send(sending)).status).toBe(415);
  });
});

test("a route of our own that validates by itself may go without a body, but not without well-formed JSON", async () => {
  const headers = { "content-type": "application/json;charset=UTF-8" };
  expect((await pair.sound.send({ method: "POST", path: "/auth/v1/logout", headers, body: "" })).status).toBe(200);
  const answer = await pair.sound.send({ method: "POST", path: "/auth/v1/token", headers, body: '{"a":1,"a":2}' });
  expect(problemOf(answer).reason).toBe("duplicate-key");
});
