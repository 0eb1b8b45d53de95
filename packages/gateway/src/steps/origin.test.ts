import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ORIGIN } from "../testing/example-policy.ts";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";

let pair: GatewayPair;
let token: string;
let brokenToken: string;
beforeAll(async () => {
  pair = await startPair("origin");
  token = await pair.sound.issuer.token({ roles: ["reader"] });
  brokenToken = await pair.broken.issuer.token({ roles: ["reader"] });
});
afterAll(() => pair.close());

const body = JSON.stringify({ title: "x" });
const json = { "content-type": "application/json" };
const byCookie = (value: string): Record<string, string> => ({ ...json, cookie: `__Host-access=${value}` });

const refused: Readonly<Record<string, readonly [string, Record<string, string>]>> = {
  "another site": ["foreign-site", { "sec-fetch-site": "cross-site" }],
  "a sibling of ours": ["foreign-site", { "sec-fetch-site": "same-site" }],
  "nobody's page, with a cookie": ["foreign-site", { "sec-fetch-site": "none" }],
  "two sites at once": ["foreign-site", { "sec-fetch-site": "same-origin, cross-site" }],
  "an Origin of another site": ["foreign-origin", { origin: "https://evil.example" }],
  "the Origin null": ["foreign-origin", { origin: "null" }],
  "an Origin that begins like ours": ["foreign-origin", { origin: `${ORIGIN}.evil.example` }],
  "an Origin that ends like ours": ["foreign-origin", { origin: "https://evil-localhost:8443" }],
  "our Origin on plain HTTP": ["foreign-origin", { origin: "http://localhost:8443" }],
  "same-origin, but with another Origin": [
    "foreign-origin",
    { "sec-fetch-site": "same-origin", origin: "https://evil.example" },
  ],
  "neither, with a cookie": ["unknown-origin", {}],
};

describe("a change that a cookie authenticates", () => {
  test.each(Object.entries(refused))("from %s is refused", async (_name, [reason, headers]) => {
    const answer = await pair.sound.send({
      method: "POST",
      path: "/api/notes",
      headers: { ...byCookie(token), ...headers },
      body,
    });
    expect([answer.status, problemOf(answer)]).toEqual([403, { code: "origin-refused", reason }]);
    expect(pair.sound.events.at(-1)).toMatchObject({ name: "edge.origin-refused", reason, route: "POST /api/notes" });
  });

  test.each(Object.entries(refused))("from %s passes without the step", async (_name, [, headers]) => {
    const answer = await pair.broken.send({
      method: "POST",
      path: "/api/notes",
      headers: { ...byCookie(brokenToken), ...headers },
      body,
    });
    expect(answer.body).not.toContain("origin-refused");
  });

  test("from our own page is allowed, by Fetch Metadata or by Origin", async () => {
    for (const headers of [
      { "sec-fetch-site": "same-origin" },
      { origin: ORIGIN },
      { "sec-fetch-site": "same-origin", origin: ORIGIN },
    ]) {
      const answer = await pair.sound.send({
        method: "POST",
        path: "/api/notes",
        headers: { ...byCookie(token), ...headers },
        body,
      });
      expect(answer.status).toBe(200);
    }
  });
});

test("a program with a bearer token needs no origin, but may not name a foreign one", async () => {
  const headers = { ...json, authorization: `Bearer ${token}` };
  expect((await pair.sound.send({ method: "POST", path: "/api/notes", headers, body })).status).toBe(200);
  const foreign = await pair.sound.send({
    method: "POST",
    path: "/api/notes",
    headers: { ...headers, origin: "https://evil.example" },
    body,
  });
  expect(foreign.status).toBe(403);
});

test("a sign-in from another site's form is refused although no cookie came with it", async () => {
  const headers = { ...json, "sec-fetch-site": "cross-site", origin: "https://evil.example" };
  expect(
    (await pair.sound.send({ method: "POST", path: "/auth/v1/token?grant_type=password", headers, body })).status,
  ).toBe(403);
});

test("a method override changes nothing and is not passed on", async () => {
  const headers = {
    authorization: `Bearer ${token}`,
    "x-http-method-override": "DELETE",
    "x-method-override": "DELETE",
  };
  expect((await pair.sound.send({ path: "/api/notes/1?_method=DELETE", headers })).status).toBe(200);
  const received = pair.sound.api.received.at(-1);
  expect(received?.method).toBe("GET");
  expect(received?.headers["x-http-method-override"]).toBeUndefined();
  expect(received?.headers["x-method-override"]).toBeUndefined();
});

test("no answer allows another origin to read it", async () => {
  const answer = await pair.sound.send({ path: "/api/open", headers: { origin: "https://evil.example" } });
  expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
});
