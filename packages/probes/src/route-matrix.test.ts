import {
  aal2,
  all,
  any,
  anyone,
  defineSecurity,
  evaluate,
  nobody,
  type Policy,
  role,
  service,
  signedIn,
} from "@holdfast/policy";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ANONYMOUS, type Attacker } from "./people.ts";
import { concretePath, routeCells } from "./route-matrix.ts";

const NOW = 1_800_000_000_000;
const person = (name: string, roles: readonly string[], assurance: "aal1" | "aal2"): Attacker => ({
  name,
  bearer: name,
  subject: { id: "00000000-0000-4000-8000-000000000001", kind: "person", roles, assurance, sessionId: null },
  claims: {},
});
const attackers = [
  ANONYMOUS,
  person("reader", ["reader"], "aal1"),
  person("admin", ["admin"], "aal1"),
  person("admin at aal2", ["admin"], "aal2"),
];

const conditions = [
  anyone(),
  nobody(),
  signedIn(),
  service(),
  role("reader"),
  role("admin"),
  all(role("admin"), aal2()),
  any(role("reader"), service()),
] as const;
const policies = fc
  .array(
    fc.record({
      allow: fc.constantFrom(...conditions),
      method: fc.constantFrom("GET", "POST", "DELETE"),
      hasId: fc.boolean(),
      hasBody: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map(
    (routes): Policy =>
      defineSecurity({
        application: { name: "random", origin: "https://localhost:8443" },
        roles: { reader: {}, admin: { includes: ["reader"], requires: "aal2" } },
        services: {
          api: {
            routes: Object.fromEntries(
              routes.map(({ allow, method, hasId, hasBody }, index) => [
                `${method} /api/thing${index}${hasId ? "/:id" : ""}`,
                {
                  allow,
                  ...(method === "POST" && hasBody
                    ? { body: { type: "object", properties: {}, additionalProperties: false } }
                    : {}),
                },
              ]),
            ),
          },
        },
      }),
  );

describe("the matrix of roles and routes", () => {
  test("has one cell for every attacker and route, and each says what evaluate says", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const cells = routeCells(policy, attackers, NOW);
        const routes = Object.values(policy.services).flatMap((declared) => Object.keys(declared.routes));
        expect(cells).toHaveLength(routes.length * attackers.length);
        for (const { service: name, route, attacker, decision } of cells) {
          expect(decision).toEqual(
            evaluate(policy, attacker.subject, { kind: "route", service: name, route }, {}, { now: NOW }),
          );
        }
      }),
    );
  });

  test("tries every forbidden cell, and no allowed one that would do what it says", () => {
    fc.assert(
      fc.property(policies, (policy) => {
        for (const { asked, decision, route, service: name } of routeCells(policy, attackers, NOW)) {
          const rule = policy.services[name]?.routes[route];
          if (!decision.allowed) expect(asked).toBeDefined();
          const acts =
            rule?.method !== "GET" && rule?.method !== "HEAD" && !rule?.takesBody && !rule?.path.includes(":");
          if (decision.allowed && acts) expect(asked).toBeUndefined();
          if (asked?.body !== undefined) expect(() => JSON.parse(String(asked.body))).toThrow();
        }
      }),
    );
  });

  test("never signs a shared person out", () => {
    const policy = defineSecurity({
      application: { name: "x", origin: "https://localhost:8443" },
      roles: { admin: { requires: "aal2" } },
    });
    const out = routeCells(policy, attackers, NOW).filter(({ route }) => route === "POST /auth/v1/logout");
    expect(out.map(({ asked }) => asked)).toEqual(attackers.map(() => undefined));
  });

  test("gives every parameter an id that exists nowhere", () => {
    expect(concretePath("/a/:id/b/:other")).toMatch(/^\/a\/[0-9a-f-]{36}\/b\/[0-9a-f-]{36}$/u);
  });
});
