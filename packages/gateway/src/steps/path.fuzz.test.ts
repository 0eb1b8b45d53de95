import { anonymous, evaluate } from "@holdfast/policy";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { examplePolicy } from "../testing/example-policy.ts";
import type { GatewayFixture } from "../testing/gateway-fixture.ts";
import { startGateway } from "../testing/gateway-fixture.ts";

let gateway: GatewayFixture;
beforeAll(async () => {
  const many = { requests: 1_000_000, windowSeconds: 60 };
  gateway = await startGateway({ isPlain: true, options: { limits: { address: many, unknown: many } } });
});
afterAll(() => gateway.close());

/** Paths of routes, and what attackers put into it. */
const piece = fc.constantFrom(
  "/",
  "//",
  "/./",
  "/../",
  "/%2e/",
  "/%2e%2e/",
  "/..;/",
  "\\",
  "/%2f",
  "%5c",
  "%00",
  "%0d%0a",
  "%25",
  "%252e",
  ";a=b",
  "%61",
  "%41",
  "%C3%A9",
  "%c0%ae",
  "%",
  "%zz",
  "?",
  "?a=/../",
  "#",
  "*",
  ":",
  "@",
  ".",
  "..",
  "~",
  "-",
  "+",
  "%20",
  "%2B",
  "A",
  "api",
  "API",
  "notes",
  "open",
  "admin",
  "users",
  "nobody",
  "1",
  "account",
  "editors",
  "content",
  "assets",
  "console",
  "metrics",
  "auth",
  "v1",
);
const base = fc.constantFrom(
  "",
  "/api/open",
  "/api/nobody",
  "/api/admin/users",
  "/api/notes",
  "/api/notes/1",
  "/account",
  "/content/1",
  "/",
  "/metrics",
  "/auth/v1/user",
  "/auth/v1/admin/users",
);
const mutated = fc
  .tuple(base, fc.array(piece, { maxLength: 5 }), fc.nat(), fc.boolean())
  .map(([path, pieces, place, isInside]) => {
    const at = isInside && path.length > 0 ? place % path.length : path.length;
    const text = path.slice(0, at) + pieces.join("") + path.slice(at);
    return text.startsWith("/") ? text : `/${text}`;
  });

test("however a path is written, what reaches a service is a route that an anonymous visitor may call", async () => {
  const policy = examplePolicy();
  await fc.assert(
    fc.asyncProperty(mutated, fc.constantFrom("GET", "HEAD", "DELETE"), async (path, method) => {
      for (const service of Object.values(gateway.services)) service.received.length = 0;
      const answer = await gateway.send({ method, path });
      expect(answer.status, path).toBeGreaterThan(0);
      expect(answer.headers["x-content-type-options"], path).toBe("nosniff");
      for (const [name, service] of Object.entries(gateway.services)) {
        for (const received of service.received) {
          const route = String(received.headers["x-holdfast-route"]);
          const decision = evaluate(
            policy,
            anonymous,
            { kind: "route", service: name, route },
            {},
            { now: gateway.clock.now },
          );
          expect([path, decision]).toEqual([path, { allowed: true }]);
          // What the service sees has no second reading: decoding it changes no segment's place.
          const seen = received.url.split("?")[0] ?? "";
          expect(decodeURIComponent(seen).split("/")).toHaveLength(seen.split("/").length);
          expect(new URL(seen, "https://x").pathname).toBe(seen);
        }
      }
    }),
    { numRuns: 600 },
  );
});
