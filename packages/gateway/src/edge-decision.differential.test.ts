// Two meanings, one truth: what a real gateway answers over the wire is what `evaluate` says, for random policies and subjects.
import type { Condition, Policy, SecurityInput, Subject } from "@holdfast/policy";
import {
  aal2,
  all,
  any,
  anyone,
  defineSecurity,
  evaluate,
  nobody,
  not,
  role,
  service,
  signedIn,
} from "@holdfast/policy";
import fc from "fast-check";
import { expect, test } from "vitest";
import { replaceStep } from "./step.ts";
import { gatewaySteps } from "./steps.ts";
import { ORIGIN } from "./testing/example-policy.ts";
import type { GatewayFixture } from "./testing/gateway-fixture.ts";
import { problemOf, startGateway } from "./testing/gateway-fixture.ts";
import type { RawAnswer } from "./testing/raw-http.ts";

const POLICIES = 12;
const ROUTES = 8;
const DECISIONS_MIN = 500;
const roleNames = ["reader", "editor", "auditor", "admin"] as const;

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(anyone(), nobody(), signedIn(), aal2(), service()) as fc.Arbitrary<Condition>,
    fc.constantFrom(...roleNames).map((name) => role(name) as Condition),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((of) => all(...(of as [])) as unknown as Condition),
    fc.array(tie("condition"), { minLength: 1, maxLength: 3 }).map((of) => any(...(of as [])) as unknown as Condition),
    tie("condition").map((of) => not(of as never) as unknown as Condition),
  ),
}));

const randomPolicy = fc
  .tuple(fc.array(condition, { minLength: ROUTES, maxLength: ROUTES }), fc.boolean(), fc.boolean())
  .map(([conditions, auditorNeedsSecondFactor, editorIncludesAuditor]): Policy => {
    const routes = Object.fromEntries(
      conditions.map((allow, index) => [`GET /api/r${index}/:id`, { allow, limit: "100000/min" }]),
    );
    const pages = {
      "/in": anyone(),
      "/out": anyone(),
      ...Object.fromEntries(conditions.map((allow, index) => [`/p${index}`, allow])),
    };
    return defineSecurity({
      application: { name: "random", origin: ORIGIN },
      roles: {
        reader: {},
        auditor: { requires: auditorNeedsSecondFactor ? "aal2" : "aal1" },
        editor: {
          includes: editorIncludesAuditor ? ["reader", "auditor"] : ["reader"],
          requires: editorIncludesAuditor && auditorNeedsSecondFactor ? "aal2" : "aal1",
        },
        admin: { includes: ["editor"], requires: "aal2" },
      },
      services: { api: { routes } },
      sites: { app: { mount: "/", pages, signIn: "/in", unauthorized: "/out" } },
    } as SecurityInput as never);
  });

interface Visitor {
  readonly subject: Subject;
  readonly token: string | null;
}

async function visitors(gateway: GatewayFixture): Promise<readonly Visitor[]> {
  const anonymous: Subject = { id: null, kind: "anonymous", roles: [], assurance: "aal1", sessionId: null };
  const all: Visitor[] = [
    { subject: anonymous, token: null },
    { subject: { ...anonymous, kind: "service" }, token: await gateway.issuer.serviceKey() },
  ];
  for (const roles of [[], ["reader"], ["editor"], ["auditor"], ["admin"], ["unheard-of"]]) {
    for (const assurance of ["aal1", "aal2"] as const) {
      const id = crypto.randomUUID();
      const token = await gateway.issuer.token({ roles, aal: assurance, claims: { sub: id } });
      all.push({ subject: { id, kind: "person", roles, assurance, sessionId: null }, token });
    }
  }
  return all;
}

/** What the wire says: allowed, or the reason of the refusal. */
function saidBy(answer: RawAnswer): string {
  if (answer.status === 200) return "allowed";
  if (answer.status === 303) {
    const { location = "" } = answer.headers;
    return location.startsWith("/in") ? "not-signed-in" : (location.split("reason=")[1] ?? "");
  }
  return problemOf(answer).reason;
}

async function disagreements(
  gateway: GatewayFixture,
  policy: Policy,
): Promise<{ readonly looked: number; readonly found: readonly string[] }> {
  const found: string[] = [];
  let looked = 0;
  for (const { subject, token } of await visitors(gateway)) {
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    for (let index = 0; index < ROUTES; index += 1) {
      const actions = [
        { path: `/api/r${index}/1`, action: { kind: "route", service: "api", route: `GET /api/r${index}/:id` } },
        { path: `/p${index}`, action: { kind: "page", site: "app", page: `/p${index}` } },
      ] as const;
      for (const { path, action } of actions) {
        const decision = evaluate(policy, subject, action, {}, { now: gateway.clock.now });
        const expected = decision.allowed ? "allowed" : decision.reason;
        const said = saidBy(await gateway.send({ path, headers }));
        looked += 1;
        if (said !== expected)
          found.push(`${path} for ${JSON.stringify(subject)}: ${expected}, the gateway says ${said}`);
      }
    }
  }
  return { looked, found };
}

test("the gateway decides as evaluate does, for random policies, subjects, routes and pages", {
  timeout: 120_000,
}, async () => {
  let looked = 0;
  for (const policy of fc.sample(randomPolicy, { numRuns: POLICIES, seed: 20 })) {
    const gateway = await startGateway({ policy, isPlain: true });
    const result = await disagreements(gateway, policy);
    await gateway.close();
    expect(result.found).toEqual([]);
    looked += result.looked;
  }
  expect(looked).toBeGreaterThanOrEqual(DECISIONS_MIN);
});

test("a gateway that forgets what a second factor is for is noticed", { timeout: 60_000 }, async () => {
  const [policy] = fc.sample(randomPolicy, { numRuns: 1, seed: 21 });
  const steps = replaceStep(gatewaySteps, "decision", (request) => {
    const { route, subject } = request;
    if (route.kind !== "service" && route.kind !== "page") return undefined;
    const decision = evaluate(
      request.gateway.policy,
      { ...subject, assurance: "aal2" },
      route.action,
      {},
      { now: request.now },
    );
    return decision.allowed ? undefined : { code: "access-refused", reason: decision.reason };
  });
  const gateway = await startGateway({ isPlain: true, policy: policy as Policy, options: { steps } });
  const { found } = await disagreements(gateway, policy as Policy);
  await gateway.close();
  expect(found.length).toBeGreaterThan(0);
});
