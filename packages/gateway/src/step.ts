import type { GatewayRequest } from "./gateway-request.ts";
import type { Refusal } from "./problem.ts";
import type { GatewayRoute } from "./route.ts";

/** The names of the gateway's steps, in the order in which a request passes them; `headers` acts on every answer. */
export const stepNames = [
  "framing",
  "host",
  "path",
  "limit",
  "route",
  "origin",
  "token",
  "quota",
  "decision",
  "body",
  "hygiene",
  "forward",
  "page",
  "asset",
  "headers",
] as const;

export type StepName = (typeof stepNames)[number];

/** Nothing: go on. `"answered"`: this step has answered or will. A refusal: stop here. */
export type StepOutcome = undefined | "answered" | Refusal;

/** One thing the gateway does to a request, or (`when: "answer"`) to every answer including refusals. */
export interface Step {
  readonly name: StepName;
  readonly when: "request" | "answer";
  /** Decided once per route at boot; a step without it applies to every route. */
  applies?(route: GatewayRoute): boolean;
  run(request: GatewayRequest): StepOutcome | Promise<StepOutcome>;
}

/** The steps without one of them: a broken twin, for proving that a check notices the hole. */
export const withoutStep = (steps: readonly Step[], name: StepName): readonly Step[] =>
  steps.filter((step) => step.name !== name);

/** The steps with one of them acting differently, in the same place. */
export const replaceStep = (steps: readonly Step[], name: StepName, run: Step["run"]): readonly Step[] =>
  steps.map((step) => (step.name === name ? { ...step, run } : step));
