import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";
import { pathFault } from "./path.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("path");
});
afterAll(() => pair.close());

const refused: Readonly<Record<string, string>> = {
  "/api/%2fopen": "encoded-slash",
  "/api/%2Fopen": "encoded-slash",
  "/api/%5copen": "encoded-slash",
  "/api/notes/%00": "encoded-control",
  "/api/notes/%0d%0aSet-Cookie:a=b": "encoded-control",
  "/api/notes/%7f": "encoded-control",
  "/api/%252e%252e/open": "double-encoding",
  "/api/notes/%25": "double-encoding",
  "/api/../api/open": "dot-segment",
  "/api/./open": "dot-segment",
  "/api/%2e%2e/open": "dot-segment",
  "/api/.%2e/open": "dot-segment",
  "/..": "dot-segment",
  "/api/..;/open": "parameter",
  "/api;a=b/open": "parameter",
  "/api/open%3b": "parameter",
  "//evil.example": "empty-segment",
  "//api/open": "empty-segment",
  "/api//open": "empty-segment",
  "/api\\open": "backslash",
  "/%61pi/open": "needless-encoding",
  "/api/op%65n": "needless-encoding",
  "/api/notes/%zz": "encoding",
  "/api/notes/%": "encoding",
  "/api/notes/%e0%a4": "encoding",
  "/api/notes/%c0%af": "encoding",
  "/api/open#x": "character",
};

describe("a path with more than one reading", () => {
  test.each(Object.entries(refused))("%s is refused: %s", async (target, reason) => {
    const answer = await pair.sound.send({ path: target });
    expect([answer.status, problemOf(answer)]).toEqual([400, { code: "path-refused", reason }]);
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(pair.sound.events.at(-1)).toMatchObject({ name: "edge.path-refused", reason });
  });

  test("reaches the service without the step, which shows that the step is what stops it", async () => {
    const token = await pair.broken.issuer.token({ roles: ["reader"] });
    const headers = { authorization: `Bearer ${token}` };
    for (const path of [
      "/%61pi/open",
      "/api/notes/%252e%252e",
      "/api/notes/..",
      "/api/notes/%00",
      "/api/notes/a%2fb",
    ]) {
      expect([path, (await pair.broken.send({ path, headers })).status]).toEqual([path, 200]);
    }
  });
});

test("a path with one reading is passed on as it was written", async () => {
  const token = await pair.sound.issuer.token({ roles: ["reader"] });
  for (const path of [
    "/api/notes/a-b_c~d.e",
    "/api/notes/gr%C3%BC%C3%9Fe",
    "/api/notes/a%20b",
    "/api/notes/x?q=%2f%00&r=//;..",
  ]) {
    const answer = await pair.sound.send({ path, headers: { authorization: `Bearer ${token}` } });
    expect([path, answer.status]).toEqual([path, 200]);
    expect(pair.sound.api.received.at(-1)?.url).toBe(path);
  }
});

test("a path in another case, or with a slash at its end, is another path", async () => {
  for (const path of ["/API/open", "/api/open/", "/Api/Open"]) {
    expect(problemOf(await pair.sound.send({ path }))).toEqual({ code: "route-unknown", reason: "not-named" });
  }
});

test("what is no path at all is refused", () => {
  expect(pathFault("*")).toBe("form");
  expect(pathFault("api")).toBe("form");
  expect(pathFault("/api/open?a=é")).toBe("character");
  expect(pathFault("/api/open?a= b")).toBe("character");
});
