// What a sound deployment answers, from the gateway's and identity's documents: status, stable word, event. The words are
// written down here again, so that a change there is noticed instead of believed.
import type { RefusalReason } from "@holdfast/policy";
import type { Refusal } from "./session.ts";

export const refusals = {
  malformed: { status: 400, code: "malformed-request", event: "edge.malformed-refused" },
  headersTooLarge: { status: 431, code: "headers-too-large", event: "edge.malformed-refused" },
  hostUnknown: { status: [421, 400], code: ["host-unknown", "host-malformed"], event: "edge.host-refused" },
  path: { status: 400, code: "path-refused", event: "edge.path-refused" },
  routeUnknown: { status: 404, code: "route-unknown", event: "edge.route-unknown" },
  methodUnknown: { status: 405, code: "method-not-allowed", event: "edge.route-unknown" },
  quota: { status: 429, code: "quota-exceeded", event: "edge.limit-exceeded" },
  origin: { status: 403, code: "origin-refused", event: "edge.origin-refused" },
  token: { status: 401, code: "token-invalid", event: "edge.token-refused" },
  signIn: { status: 401, code: "sign-in-required", event: "edge.access-refused" },
  secondFactor: { status: 403, code: "second-factor-required", event: "edge.access-refused" },
  access: { status: 403, code: "access-refused", event: "edge.access-refused" },
  bodyInvalid: { status: 400, code: "body-invalid", event: "edge.body-refused" },
  bodyMalformed: { status: 400, code: "body-malformed", event: "edge.body-refused" },
  bodyTooLarge: { status: 413, code: "body-too-large", event: "edge.body-refused" },
  bodyType: { status: 415, code: "body-type-unsupported", event: "edge.body-refused" },
  badCredentials: { status: 400, code: "invalid_credentials", event: "signin.failed" },
  weakPassword: { status: 422, code: "weak_password", event: "password.refused" },
  wrongCode: { status: 422, code: "mfa_verification_failed", event: "factor.failed" },
} as const satisfies Record<string, Refusal>;

/** The refusal of a route that the policy's own decision asks for. */
export function refusalFor(reason: RefusalReason): Refusal {
  switch (reason) {
    case "not-signed-in":
      return refusals.signIn;
    case "second-factor-required":
      return refusals.secondFactor;
    case "not-allowed":
      return refusals.access;
    case "not-named":
      return refusals.routeUnknown;
  }
}
