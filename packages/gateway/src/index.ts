export { GatewayError, type GatewayErrorCode } from "./error.ts";
export { type AnsweredRequest, createGateway, type GatewayOptions } from "./gateway.ts";
export type { GatewayRequest } from "./gateway-request.ts";
export { type BodyIssue, type ProblemCode, problems, problemType, type Refusal } from "./problem.ts";
export { CSP_REPORT_PATH, type ResponseClass } from "./response-headers.ts";
export type { GatewayRoute } from "./route.ts";
export { NONCE_PLACEHOLDER } from "./site.ts";
export { replaceStep, type Step, type StepName, type StepOutcome, stepNames, withoutStep } from "./step.ts";
export { gatewaySteps } from "./steps.ts";
export {
  createTokenVerifier,
  type RefusedToken,
  type TokenReason,
  type TokenVerifier,
  type TokenVerifierOptions,
  type VerifiedToken,
} from "./token-verifier.ts";
export type { UpstreamOptions } from "./upstream-connection.ts";
