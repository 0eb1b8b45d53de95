import type { Step, StepOutcome } from "../step.ts";

const CACHE_CONTROL = "cache-control";

/** The security header fields of the answer's class, our request id, and the RateLimit fields, on every answer. */
export const headers: Step = {
  name: "headers",
  when: "answer",
  run(request): StepOutcome {
    const { gateway, answerHeaders, answerClass, allowance, nonce } = request;
    const out = [...gateway.headers.of[answerClass], ...answerHeaders];
    out.push("x-request-id", request.id);
    if (answerClass === "html") {
      const { pagePolicy, identityPagePolicy } = gateway.headers;
      const isIdentity = request.route.kind === "service";
      out.push("content-security-policy", (isIdentity ? identityPagePolicy : pagePolicy)(nonce ?? ""));
    }
    if (!answerHeaders.includes(CACHE_CONTROL)) out.push(CACHE_CONTROL, "no-store");
    if (allowance !== null) {
      out.push("ratelimit-policy", allowance.limiter.policyField, "ratelimit", allowance.limiter.field(allowance));
    }
    request.answerHeaders = out;
    return undefined;
  },
};
