// Both error bodies of Supabase Auth, what is never in them, and the table of codes in the README.
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestIdentity } from "../testing/start-identity.ts";
import { errorKinds } from "./error-code.ts";
import { errorVersion } from "./identity-error.ts";

const room = new TestIdentity();
beforeAll(() => room.start());
afterAll(() => room.stop());

const wrongPassword = { body: { email: "a@b.test", password: "x" } };

test("with the version of auth-js an error is {code, message}, and the version is echoed", async () => {
  const { status, headers, body } = await room.call("POST", "/token?grant_type=password", wrongPassword);
  expect(status).toBe(400);
  expect(body).toEqual({ code: "invalid_credentials", message: "Invalid login credentials" });
  expect(headers.get("x-supabase-api-version")).toBe("2024-01-01");
  expect(headers.get("x-sb-error-code")).toBe("invalid_credentials");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("without a version, or with an older one, an error is {code: status, error_code, msg}", async () => {
  for (const version of ["", "2023-12-31", "latest"]) {
    const options = { ...wrongPassword, headers: { "x-supabase-api-version": version } };
    const { body, headers } = await room.call("POST", "/token?grant_type=password", options);
    expect(body).toEqual({ code: 400, error_code: "invalid_credentials", msg: "Invalid login credentials" });
    expect(headers.get("x-supabase-api-version")).toBeNull();
    expect(headers.get("x-sb-error-code")).toBe("invalid_credentials");
  }
  expect(errorVersion("2026-11-01")).toBe("2024-01-01");
  expect(errorVersion(["2024-01-01", "2024-01-01"])).toBeNull();
});

test("a weak password says why in both bodies", async () => {
  const body = { email: "ada@example.test", password: "123456789012" };
  const weak_password = { reasons: ["pwned"] };
  expect((await room.call("POST", "/signup", { body })).body).toMatchObject({ code: "weak_password", weak_password });
  const old = await room.call("POST", "/signup", { body, headers: { "x-supabase-api-version": "" } });
  expect(old.body).toMatchObject({ code: 422, error_code: "weak_password", weak_password });
});

async function raw(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${room.url}${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-supabase-api-version": "2024-01-01", ...headers },
  });
  return { status: response.status, body: (await response.json()) as { code: string } };
}

test("bodies that are no JSON object of sensible size and depth are refused with a code", async () => {
  const cases: [string, Record<string, string>, number, string][] = [
    ["{", {}, 400, "bad_json"],
    ['{"__proto__":{"a":1}}', {}, 400, "bad_json"],
    ["[]", {}, 400, "validation_failed"],
    ['"text"', {}, 400, "validation_failed"],
    ["null", {}, 400, "validation_failed"],
    ['{"email":1}', {}, 400, "validation_failed"],
    ['{"email":"a\\u0000@b.test","password":"x"}', {}, 400, "validation_failed"],
    ['{"email":"a@b.test","password":"\\ud800"}', {}, 400, "validation_failed"],
    [`{"data":${"[".repeat(40)}${"]".repeat(40)}}`, {}, 400, "validation_failed"],
    [`{"data":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, {}, 400, "validation_failed"],
    [`{"email":"${"a".repeat(70_000)}"}`, {}, 413, "request_entity_too_large"],
    ["email=a", { "content-type": "application/x-www-form-urlencoded" }, 400, "bad_json"],
    ["<a/>", { "content-type": "text/plain" }, 400, "bad_json"],
  ];
  for (const [text, headers, status, code] of cases) {
    expect(await raw("/signup", text, headers), text.slice(0, 60)).toMatchObject({ status, body: { code } });
  }
});

test("paths and methods that do not exist are refused with a code", async () => {
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/token"],
    ["HEAD", "/health"],
    ["DELETE", "/settings"],
    ["GET", "/USER"],
    ["GET", "/user/"],
    ["GET", "/otp"],
  ] as const) {
    const response = await fetch(`${room.url}${path}`, { method });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-sb-error-code")).toBe("route_not_found");
  }
  for (const grant of ["", "?grant_type=", "?grant_type=implicit", "?grant_type=password&grant_type=password"]) {
    expect((await room.call("POST", `/token${grant}`, { body: {} })).body.code).toBe("validation_failed");
  }
});

test("a path that cannot be decoded is refused with a code", async () => {
  const { port, hostname } = new URL(room.url);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request({ hostname, port, path: "/factors/%zz/verify", method: "POST" }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
  expect(status).toBe(400);
});

test("when PostgreSQL refuses, the answer is 503, says nothing of it, and is an event", async () => {
  const broken = await room.twin({ pool: room.pool("holdfast_api"), watchPool: room.pool("holdfast_identity") });
  const url = await room.listen(broken);
  room.events.length = 0;
  const answer = await room.call("POST", "/token?grant_type=password", wrongPassword, url);
  expect(answer.status).toBe(503);
  expect(answer.body).toEqual({ code: "unexpected_failure", message: errorKinds.unexpected_failure.message });
  expect(room.eventsNamed("api.error")).toHaveLength(1);
});

test("the README documents every error code, with its status, and no other", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const table = readme.slice(readme.indexOf("## Error codes"), readme.indexOf("## Events"));
  const rows = [...table.matchAll(/^\| `([a-z_0-9]+)` +\| (\d{3})/gm)].map(([, code, status]) => `${code} ${status}`);
  expect(rows.sort()).toEqual(
    Object.entries(errorKinds)
      .map(([code, { status }]) => `${code} ${status}`)
      .sort(),
  );
});
