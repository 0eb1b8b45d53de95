import type { GatewayRequest } from "../gateway-request.ts";
import type { Refusal } from "../problem.ts";
import type { Allowance } from "../rate-limit.ts";
import type { Step, StepOutcome } from "../step.ts";

/** A 429 with Retry-After, in the problem type registered for it. The RateLimit fields are added with all others. */
export function quotaExceeded(request: GatewayRequest, allowance: Allowance): Refusal {
  request.allowance = allowance;
  return {
    code: "quota-exceeded",
    reason: allowance.limiter.name,
    headers: ["retry-after", String(allowance.resetSeconds)],
    violatedPolicies: [allowance.limiter.name],
  };
}

/**
 * Counts every request by the address it comes from, also those that name nothing, before any cryptography.
 */
export const limit: Step = {
  name: "limit",
  when: "request",
  run(request): StepOutcome {
    const { gateway, address, now, route } = request;
    const byAddress = gateway.addressLimiter.take(address.key, now);
    request.allowance = byAddress;
    if (!byAddress.allowed) return quotaExceeded(request, byAddress);
    if (route.kind === "unknown" || route.kind === "method") {
      const unknown = gateway.unknownLimiter.take(address.key, now);
      request.allowance = unknown;
      if (!unknown.allowed) return quotaExceeded(request, unknown);
    }
    return undefined;
  },
};
