// Every refusal the gateway can answer, as RFC 9457 problems. The texts are fixed: nothing a caller, an upstream or an
// exception says is ever repeated in them.
import { STATUS_CODES } from "node:http";
import type { EventName } from "@holdfast/policy";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly event: EventName;
}

const problem = (status: number, event: EventName, title: string): ProblemKind => ({ status, event, title });

export const problems = {
  "malformed-request": problem(400, "edge.malformed-refused", "The request is malformed or framed ambiguously."),
  "headers-too-large": problem(431, "edge.malformed-refused", "The request has too many or too large header fields."),
  "request-timeout": problem(408, "edge.malformed-refused", "The request did not arrive in time."),
  "expectation-failed": problem(417, "edge.malformed-refused", "The expectation of the request cannot be met."),
  "host-malformed": problem(400, "edge.host-refused", "The request must name exactly one host."),
  "host-unknown": problem(421, "edge.host-refused", "The request names a host that is not served here."),
  "path-refused": problem(400, "edge.path-refused", "The path of the request is ambiguous or malformed."),
  "route-unknown": problem(404, "edge.route-unknown", "There is nothing here."),
  "method-not-allowed": problem(405, "edge.route-unknown", "The method is not allowed here."),
  "quota-exceeded": problem(429, "edge.limit-exceeded", "Too many requests."),
  "origin-refused": problem(403, "edge.origin-refused", "A change must come from this origin."),
  "token-invalid": problem(401, "edge.token-refused", "The access token is not valid."),
  "sign-in-required": problem(401, "edge.access-refused", "Sign in first."),
  "second-factor-required": problem(403, "edge.access-refused", "A second factor is required."),
  "access-refused": problem(403, "edge.access-refused", "You are not allowed to do this."),
  "body-not-expected": problem(400, "edge.body-refused", "This route takes no body."),
  "body-missing": problem(400, "edge.body-refused", "This route needs a body."),
  "body-type-unsupported": problem(415, "edge.body-refused", "The body must be JSON in UTF-8."),
  "body-too-large": problem(413, "edge.body-refused", "The body is too large."),
  "body-malformed": problem(400, "edge.body-refused", "The body is not acceptable JSON."),
  "body-invalid": problem(400, "edge.body-refused", "The body does not match what this route takes."),
  // Nobody is believed while it cannot be told whose session has ended; it is no fault of the token, so no client gives it up.
  "revocations-unknown": problem(503, "edge.token-refused", "Who is signed in cannot be told at the moment."),
  "upstream-unavailable": problem(503, "edge.upstream-failed", "The service is not available at the moment."),
  "upstream-timeout": problem(504, "edge.upstream-failed", "The service did not answer in time."),
  "upstream-failed": problem(502, "edge.upstream-failed", "The service gave no proper answer."),
  "upstream-error": problem(500, "edge.upstream-failed", "The service failed."),
  "internal-error": problem(500, "edge.upstream-failed", "Something went wrong."),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;

/** Registered by draft-ietf-httpapi-ratelimit-headers §8 (problem types). */
const QUOTA_EXCEEDED_TYPE = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/** The stable `type` URI of a problem. Ours are URNs: they identify and are not meant to be fetched. */
export const problemType = (code: ProblemCode): string =>
  code === "quota-exceeded" ? QUOTA_EXCEEDED_TYPE : `urn:holdfast:problem:${code}`;

/** One broken place of a body: `pointer` is a JSON pointer (RFC 6901) into it. */
export interface BodyIssue {
  readonly pointer: string;
  readonly detail: string;
}

/** A step's "no". A value, never an exception. */
export interface Refusal {
  readonly code: ProblemCode;
  /** A short stable word: which of the code's causes. Appears in the problem and in the event. */
  readonly reason: string;
  /** Extra header fields, flat pairs. */
  readonly headers?: readonly string[];
  readonly errors?: readonly BodyIssue[];
  readonly violatedPolicies?: readonly string[];
  /** Where a browser that opens a page is sent instead of reading a problem. */
  readonly redirect?: string;
}

/** The body of a refusal, `application/problem+json`. `instance` is the request id as a URN. */
export function problemBody(refusal: Refusal, requestId: string): string {
  const kind = problems[refusal.code];
  return JSON.stringify({
    type: problemType(refusal.code),
    title: kind.title,
    status: kind.status,
    instance: `urn:uuid:${requestId}`,
    reason: refusal.reason,
    ...(refusal.errors === undefined ? {} : { errors: refusal.errors }),
    ...(refusal.violatedPolicies === undefined ? {} : { "violated-policies": refusal.violatedPolicies }),
  });
}

/** The reason phrase of a status line written by hand. */
export const reasonPhrase = (status: number): string => STATUS_CODES[status] ?? "Error";
