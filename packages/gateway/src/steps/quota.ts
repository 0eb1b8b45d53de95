import type { Step, StepOutcome } from "../step.ts";
import { quotaExceeded } from "./limit.ts";

/** The route's own limit, counted by account, else by address: many accounts behind one address do not hinder each other. */
export const quota: Step = {
  name: "quota",
  when: "request",
  applies: (route) => route.kind === "service",
  run(request): StepOutcome {
    const { route, subject, address, now } = request;
    if (route.kind !== "service") return undefined;
    const key = subject.id ?? (subject.kind === "service" ? "service" : address.key);
    const allowance = route.limiter.take(key, now);
    request.allowance = allowance;
    return allowance.allowed ? undefined : quotaExceeded(request, allowance);
  },
};
