// Role × route: every cell of the table that the policy spans, with the decision that `evaluate` gives for it.
import { randomUUID } from "node:crypto";
import { type Decision, evaluate, type Policy, type RoutePolicy } from "@holdfast/policy";
import type { Asked } from "./edge-client.ts";
import type { Attacker } from "./people.ts";

export interface RouteCell {
  readonly service: string;
  readonly route: string;
  readonly attacker: Attacker;
  readonly decision: Decision;
  /** What to send; absent when an allowed request could change something that is not ours. */
  readonly asked?: Asked;
}

/** Every attacker against every route of every service. */
export function routeCells(policy: Policy, attackers: readonly Attacker[], now: number): RouteCell[] {
  return Object.entries(policy.services).flatMap(([service, { routes }]) =>
    Object.entries(routes).flatMap(([route, rule]) =>
      attackers.map((attacker) => {
        const decision = evaluate(policy, attacker.subject, { kind: "route", service, route }, {}, { now });
        const asked = requestFor(rule, attacker, decision);
        return { service, route, attacker, decision, ...(asked ? { asked } : {}) };
      }),
    ),
  );
}

/** Concrete path of a pattern: each parameter becomes an id that exists nowhere. */
export function concretePath(pattern: string): string {
  return pattern.replace(/:[A-Za-z0-9_]+/gu, () => randomUUID());
}

/** JSON that ends before it begins: refused after the decision and before anything happens. */
const UNFINISHED_JSON = "{";
/** Signing out does what it says whatever the body; the sessions of the run must survive. */
const SIGN_OUT = "/auth/v1/logout";

function requestFor(rule: RoutePolicy, attacker: Attacker, decision: Decision): Asked | null {
  const bearer = attacker.bearer === undefined ? {} : { bearer: attacker.bearer };
  const asked: Asked = { method: rule.method, path: concretePath(rule.path), ...bearer };
  if (rule.method === "GET" || rule.method === "HEAD") return asked;
  if (decision.allowed && rule.path === SIGN_OUT) return null;
  if (rule.takesBody) return { ...asked, body: UNFINISHED_JSON, headers: { "content-type": "application/json" } };
  // Without a body and without an id to miss, an allowed request would do what it says, for example sign out.
  if (decision.allowed && !rule.path.includes(":")) return null;
  return asked;
}
