// Runs a request through its steps. The list of steps is chosen per route at boot; per request only those run.
import type { GatewayRequest } from "./gateway-request.ts";
import type { GatewayRoute } from "./route.ts";
import type { Step, StepOutcome } from "./step.ts";

/** The steps that a request to this route passes. */
export const stepsFor = (steps: readonly Step[], route: GatewayRoute): readonly Step[] =>
  steps.filter((step) => step.when === "request" && (step.applies === undefined || step.applies(route)));

/** Runs the steps from `from` on until one answers or refuses. Never throws: an unexpected error is a 500 without a word of it. */
export function runSteps(request: GatewayRequest, steps: readonly Step[], from = 0): void {
  try {
    for (let at = from; at < steps.length; at += 1) {
      const outcome = (steps[at] as Step).run(request);
      if (outcome === undefined) continue;
      if (outcome instanceof Promise) {
        continueWith(request, steps, at + 1, outcome);
        return;
      }
      if (outcome !== "answered") request.refuse(outcome);
      return;
    }
    // Every list ends in a step that answers. One that does not, a broken twin's perhaps, answers nothing.
    fail(request);
  } catch {
    // A bug must not let a request through nor tell its caller anything (ASVS 16.5.1, 16.5.3).
    fail(request);
  }
}

function continueWith(
  request: GatewayRequest,
  steps: readonly Step[],
  next: number,
  pending: Promise<StepOutcome>,
): void {
  pending.then(
    (outcome) => {
      if (outcome === undefined) runSteps(request, steps, next);
      else if (outcome !== "answered") request.refuse(outcome);
    },
    // As above: whatever it was, the answer is a bare 500.
    () => fail(request),
  );
}

function fail(request: GatewayRequest): void {
  if (request.isAnswered) request.fail();
  else request.refuse({ code: "internal-error", reason: "unexpected" });
}
