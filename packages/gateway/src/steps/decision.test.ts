import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problemOf } from "../testing/gateway-fixture.ts";
import type { GatewayPair } from "../testing/pair.ts";
import { startPair } from "../testing/pair.ts";

let pair: GatewayPair;
beforeAll(async () => {
  pair = await startPair("decision");
});
afterAll(() => pair.close());

const as = async (roles: readonly string[], aal: "aal1" | "aal2" = "aal1"): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await pair.sound.issuer.token({ roles, aal })}`,
});

describe("a route", () => {
  test("that only editors may call refuses a reader, and records it", async () => {
    const answer = await pair.sound.send({ method: "DELETE", path: "/api/notes/1", headers: await as(["reader"]) });
    expect([answer.status, problemOf(answer)]).toEqual([403, { code: "access-refused", reason: "not-allowed" }]);
    expect(pair.sound.events.at(-1)).toMatchObject({
      name: "edge.access-refused",
      route: "DELETE /api/notes/:id",
      service: "api",
      reason: "not-allowed",
    });
  });

  test("names who acts in somebody's name in the event, and nobody where a person acts for themselves", async () => {
    const [person, administrator] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const act of [{ act: { sub: administrator } }, {}, { act: "somebody" }]) {
      const token = await pair.sound.issuer.token({ claims: { sub: person, ...act } });
      await pair.sound.send({ path: "/api/admin/users", headers: { authorization: `Bearer ${token}` } });
    }
    expect(pair.sound.events.slice(-3).map(({ subject, actor }) => [subject, actor])).toEqual([
      [person, administrator],
      [person, undefined],
      [person, undefined],
    ]);
  });

  test("asks an administrator for the second factor, in a problem type of its own", async () => {
    const answer = await pair.sound.send({ path: "/api/admin/users", headers: await as(["admin"]) });
    expect([answer.status, JSON.parse(answer.body).type]).toEqual([403, "urn:holdfast:problem:second-factor-required"]);
    expect((await pair.sound.send({ path: "/api/admin/users", headers: await as(["admin"], "aal2") })).status).toBe(
      200,
    );
  });

  test("that nobody may call refuses everybody", async () => {
    expect((await pair.sound.send({ path: "/api/nobody", headers: await as(["admin"], "aal2") })).status).toBe(403);
  });

  test("is open to everybody without the step", async () => {
    expect((await pair.broken.send({ path: "/api/nobody" })).status).toBe(200);
    expect((await pair.broken.send({ path: "/api/admin/users" })).status).toBe(200);
  });

  test("answers HEAD as it answers GET", async () => {
    expect((await pair.sound.send({ method: "HEAD", path: "/api/notes" })).status).toBe(401);
    expect((await pair.sound.send({ method: "HEAD", path: "/api/notes", headers: await as([]) })).status).toBe(200);
  });

  test("that is not named does not exist, and a method that is not named is not allowed", async () => {
    expect(problemOf(await pair.sound.send({ path: "/api/other" })).code).toBe("route-unknown");
    const answer = await pair.sound.send({ method: "PATCH", path: "/api/notes/1" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD, PUT, DELETE"]);
    expect(pair.sound.events.at(-1)?.name).toBe("edge.route-unknown");
  });
});

test("a route with a name in its path is not matched by a path that leaves it empty, whatever the method", async () => {
  const headers = await as(["admin"], "aal2");
  for (const method of ["GET", "PATCH", "DELETE"]) {
    for (const path of ["/api/notes/", "/api/notes/?id=1", "/auth/v1/admin/users/", "/content/"]) {
      const before = pair.sound.api.received.length;
      const answer = await pair.sound.send({ method, path, headers });
      expect([answer.status, problemOf(answer).code]).toEqual([404, "route-unknown"]);
      expect(pair.sound.api.received).toHaveLength(before);
    }
  }
  expect((await pair.sound.send({ path: "/api/notes/1", headers })).status).toBe(200);
});

describe("a page", () => {
  test("leads a visitor to sign-in and says where to go afterwards, as a path of ours only", async () => {
    const answer = await pair.sound.send({ path: "/content/1?tab=a&b=c" });
    expect([answer.status, answer.headers.location]).toEqual([303, "/sign-in?from=%2Fcontent%2F1%3Ftab%3Da%26b%3Dc"]);
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect((await pair.sound.send({ path: `/content/${"a".repeat(90)}?${"b".repeat(2_000)}` })).headers.location).toBe(
      "/sign-in",
    );
  });

  test("leads somebody without the right to /unauthorized", async () => {
    const headers = { cookie: `__Host-access=${await pair.sound.issuer.token({ roles: ["reader"] })}` };
    const answer = await pair.sound.send({ path: "/editors", headers });
    expect([answer.status, answer.headers.location]).toEqual([303, "/unauthorized?reason=not-allowed"]);
  });

  test("leads an administrator without a second factor to what says so", async () => {
    const headers = { cookie: `__Host-access=${await pair.sound.issuer.token({ roles: ["admin"] })}` };
    expect((await pair.sound.send({ path: "/console", headers })).headers.location).toBe(
      "/console/unauthorized?reason=second-factor-required",
    );
  });

  test("is shown to who may see it", async () => {
    const headers = { cookie: `__Host-access=${await pair.sound.issuer.token({ roles: ["editor"] })}` };
    expect((await pair.sound.send({ path: "/editors", headers })).status).toBe(200);
  });
});
