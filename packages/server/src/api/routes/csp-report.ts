import type { EmitEvent } from "@holdfast/policy";
import type { ApiRoute } from "../api-route.ts";
import { cspViolations } from "../csp-report.ts";

/** Browsers report violations of our content security policy here. */
export const cspReport: ApiRoute = {
  id: "POST /platform/v1/reports/csp",
  handle({ emit, now }, request, reply) {
    for (const violation of cspViolations(request.body)) emit(eventOf(violation, request, now()));
    void reply.code(204);
    return null;
  },
};

function eventOf(
  violation: { readonly directive: string; readonly blocked: string; readonly page: string },
  request: { readonly requestId: string; readonly address: string; readonly correlation: string | undefined },
  at: number,
): Parameters<EmitEvent>[0] {
  return {
    name: "edge.csp-violation",
    at,
    service: "platform",
    route: "POST /platform/v1/reports/csp",
    requestId: request.requestId,
    address: request.address,
    reason: violation.directive,
    detail: { ...violation },
    ...(request.correlation === undefined ? {} : { correlation: request.correlation }),
  };
}
