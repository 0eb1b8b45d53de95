import { describe, expect, test } from "vitest";
import type { ProblemError } from "./problem-error.ts";
import type { ReactError } from "./react-error.ts";
import { browserForTest } from "./testdata/browser-for-test.ts";
import { password } from "./testdata/identity-in-memory.ts";

const MINUTES = 60_000;

async function signedIn() {
  const browser = browserForTest();
  const tab = browser.openTab();
  await tab.signIn("ada@app.test", password);
  browser.identity.requests.length = 0;
  return { ...browser, tab };
}

const problem =
  (status: number, body: object, headers: Record<string, string> = {}) =>
  () =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/problem+json", ...headers } });

describe("secureFetch", () => {
  test.each(["https://evil.test/x", "//evil.test/x", "http://app.test/x", "https://app.test@evil.test/", "data:,x"])(
    "refuses to leave this origin for %s, and sends nothing",
    async (path) => {
      const { tab, identity } = await signedIn();
      await expect(tab.secureFetch(path)).rejects.toMatchObject({
        code: "react/cross-origin",
      } satisfies Partial<ReactError>);
      expect(identity.requests).toEqual([]);
    },
  );

  test("renews an access token that is about to end before it sends a write, and sends the write once", async () => {
    const { tab, identity, clock } = await signedIn();
    identity.routes.set("POST /api/content", () => Response.json({ id: "1" }, { status: 201 }));
    clock.now += 20 * MINUTES;
    await tab.secureFetch("/api/content", { method: "POST", json: { title: "x" } });
    expect(identity.requests).toEqual(["POST /auth/v1/token?grant_type=refresh_token", "POST /api/content"]);
  });

  test("repeats a read once after a 401", async () => {
    const { tab, identity } = await signedIn();
    const answers = [problem(401, { type: "urn:holdfast:problem:token-invalid" })(), Response.json({ items: [] })];
    identity.routes.set("GET /api/content", () => answers.shift() as Response);
    expect((await tab.secureFetch("/api/content")).status).toBe(200);
    expect(identity.refreshes).toBe(1);
  });

  test("never repeats a write, not even after a 401 and a renewal", async () => {
    const { tab, identity } = await signedIn();
    identity.routes.set("POST /api/content", problem(401, { type: "urn:holdfast:problem:token-invalid" }));
    await expect(tab.secureFetch("/api/content", { method: "POST", json: {} })).rejects.toMatchObject({ status: 401 });
    expect(identity.requests.filter((name) => name === "POST /api/content")).toHaveLength(1);
  });

  test("many reads that meet a 401 together cause one renewal", async () => {
    const { tab, identity } = await signedIn();
    let refused = 5;
    identity.routes.set("GET /api/content", () => {
      refused -= 1;
      return refused >= 0 ? problem(401, {})() : Response.json({});
    });
    await Promise.all([1, 2, 3, 4, 5].map(() => tab.secureFetch("/api/content")));
    expect(identity.refreshes).toBe(1);
  });

  test("waits as long as it was asked to, once, for a read; shows a longer wait instead", async () => {
    const { tab, identity, waited } = await signedIn();
    const answers = [problem(429, {}, { "retry-after": "2" })(), Response.json({})];
    identity.routes.set("GET /api/content", () => answers.shift() as Response);
    await tab.secureFetch("/api/content");
    expect(waited).toEqual([2000]);
    identity.routes.set("GET /api/content", problem(429, { title: "Too many requests." }, { "retry-after": "60" }));
    await expect(tab.secureFetch("/api/content")).rejects.toMatchObject({ status: 429, retryAfterSeconds: 60 });
    expect(waited).toEqual([2000]);
  });

  test("does not wait for a write", async () => {
    const { tab, identity, waited } = await signedIn();
    identity.routes.set("POST /api/content", problem(503, {}, { "retry-after": "1" }));
    await expect(tab.secureFetch("/api/content", { method: "POST", json: {} })).rejects.toMatchObject({ status: 503 });
    expect(waited).toEqual([]);
  });

  test("reads a problem: type, title, places, request id", async () => {
    const { tab, identity } = await signedIn();
    const body = {
      type: "urn:holdfast:problem:body-invalid",
      title: "The body does not match what this route takes.",
      instance: "urn:uuid:1",
      errors: [{ pointer: "/title", detail: "too long" }],
    };
    identity.routes.set("POST /api/content", problem(400, body));
    const error = await tab.secureFetch("/api/content", { method: "POST", json: {} }).catch((e: unknown) => e);
    expect(error).toMatchObject({
      status: 400,
      type: body.type,
      title: body.title,
      requestId: "urn:uuid:1",
      errors: body.errors,
    } satisfies Partial<ProblemError>);
  });

  test("a body that lies about being JSON is still a refusal", async () => {
    const { tab, identity } = await signedIn();
    identity.routes.set(
      "GET /api/content",
      () => new Response("<html>", { status: 500, headers: { "content-type": "application/json" } }),
    );
    await expect(tab.secureFetch("/api/content")).rejects.toMatchObject({ code: "http-500" });
  });

  test("recognises that a second factor is required", async () => {
    const { tab, identity } = await signedIn();
    identity.routes.set("GET /api/admin/users", problem(403, { type: "urn:holdfast:problem:second-factor-required" }));
    const error = (await tab.secureFetch("/api/admin/users").catch((e: unknown) => e)) as ProblemError;
    expect(error.isSecondFactorRequired).toBe(true);
  });

  test("says that the server could not be reached when there is no answer", async () => {
    const { tab, identity } = await signedIn();
    identity.isReachable = false;
    await expect(tab.secureFetch("/api/content")).rejects.toMatchObject({ code: "react/unreachable" });
  });
});
