import type { Step, StepOutcome } from "../step.ts";

/** Refuses what the policy does not name: 404, or 405 with Allow where only the method is not named. */
export const route: Step = {
  name: "route",
  when: "request",
  applies: ({ kind }) => kind === "unknown" || kind === "method",
  run({ route: matched }): StepOutcome {
    if (matched.kind === "unknown") return { code: "route-unknown", reason: "not-named" };
    if (matched.kind === "method")
      return { code: "method-not-allowed", reason: "method", headers: ["allow", matched.allow] };
    return undefined;
  },
};
