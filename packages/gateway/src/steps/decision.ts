import type { RefusalReason, Resource } from "@holdfast/policy";
import { evaluate } from "@holdfast/policy";
import type { GatewayRequest } from "../gateway-request.ts";
import type { PageRoute } from "../route.ts";
import type { Step, StepOutcome } from "../step.ts";

const NO_RESOURCE: Resource = Object.freeze({});
/** A longer way back after sign-in is dropped; the visitor then lands on the first page. */
const FROM_CHARACTERS_MAX = 1_024;

/** Whether the policy allows it: `evaluate` on the route that was matched, never on the path as it was written. */
export const decision: Step = {
  name: "decision",
  when: "request",
  applies: (route) => route.kind === "service" || route.kind === "page",
  run(request): StepOutcome {
    const { gateway, route, subject, now } = request;
    if (route.kind !== "service" && route.kind !== "page") return undefined;
    const decided = evaluate(gateway.policy, subject, route.action, NO_RESOURCE, { now });
    if (decided.allowed) return undefined;
    return route.kind === "page" ? pageRefusal(request, route, decided.reason) : refusal(request, decided.reason);
  },
};

function refusal(request: GatewayRequest, reason: RefusalReason): StepOutcome {
  switch (reason) {
    case "not-signed-in":
      return request.tokenReason === null
        ? { code: "sign-in-required", reason, headers: ["www-authenticate", "Bearer"] }
        : {
            code: "token-invalid",
            reason: request.tokenReason,
            headers: ["www-authenticate", 'Bearer error="invalid_token"'],
          };
    case "second-factor-required":
      return { code: "second-factor-required", reason };
    case "not-allowed":
      return { code: "access-refused", reason };
    case "not-named":
      return { code: "route-unknown", reason };
  }
}

// A browser that opens a page is sent where a person can go on. `from` is our own path and query, so never another site's.
function pageRefusal(request: GatewayRequest, route: PageRoute, reason: RefusalReason): StepOutcome {
  if (reason === "not-signed-in" && route.path !== route.signIn) {
    const from = request.target.length > FROM_CHARACTERS_MAX ? "" : `?from=${encodeURIComponent(request.target)}`;
    return { code: "sign-in-required", reason, redirect: route.signIn + from };
  }
  if (reason === "not-named" || route.path === route.unauthorized) return { code: "access-refused", reason };
  const code = reason === "second-factor-required" ? reason : "access-refused";
  return { code, reason, redirect: `${route.unauthorized}?reason=${reason}` };
}
