import { cookiePairs } from "../cookie-pairs.ts";
import type { GatewayRequest } from "../gateway-request.ts";
import type { Refusal } from "../problem.ts";
import type { Step, StepOutcome } from "../step.ts";
import type { RefusedToken, TokenReason, VerifiedToken } from "../token-verifier.ts";
import { quotaExceeded } from "./limit.ts";

const SCHEME = /^Bearer ([^\s]+)$/i;
const SCHEME_PREFIX = "Bearer ";
/** What Supabase's clients send as a bearer while nobody is signed in: a name of the project, public and worth nothing. */
const PUBLISHABLE_KEY = /^Bearer sb_publishable_[A-Za-z0-9_-]{1,128}$/i;
const COOKIE_NAME = "__Host-access=";

/**
 * Who asks. `Authorization: Bearer` first, else the cookie `__Host-access`. A bearer that is not valid is refused on every
 * route, since its sender means to be somebody; a publishable key says that they are nobody. A cookie that is not valid makes nobody of its sender, since browsers keep
 * sending cookies: a page redirects to sign-in, and the refresh of an expired session must be reachable.
 */
export const token: Step = {
  name: "token",
  when: "request",
  applies: (route) => route.kind === "page" || (route.kind === "service" && !route.hasOwnAuthentication),
  run(request): StepOutcome | Promise<StepOutcome> {
    const { authorization, cookie } = request.raw.headers;
    if (authorization !== undefined) {
      if (PUBLISHABLE_KEY.test(authorization)) return undefined;
      request.credential = "bearer";
      const presented = bearerToken(authorization);
      return presented === undefined ? invalid("scheme") : verify(request, presented);
    }
    if (cookie === undefined) return undefined;
    const presented = cookieToken(cookie);
    if (presented === undefined) return undefined;
    request.credential = "cookie";
    return presented === null ? setAside(request, "duplicate") : verify(request, presented);
  },
};

function bearerToken(authorization: string): string | undefined {
  // The usual spelling first; whatever stands behind it is for the verifier to refuse.
  if (authorization.startsWith(SCHEME_PREFIX)) return authorization.slice(SCHEME_PREFIX.length);
  return SCHEME.exec(authorization)?.[1];
}

const invalid = (reason: TokenReason): Refusal => ({
  code: "token-invalid",
  reason,
  // RFC 6750 §3.1; the description stays away, the reason is in the problem.
  headers: ["www-authenticate", 'Bearer error="invalid_token"'],
});

const unknown: Refusal = { code: "revocations-unknown", reason: "revocations-unknown", headers: ["retry-after", "1"] };

function verify(request: GatewayRequest, presented: string): StepOutcome | Promise<StepOutcome> {
  const remembered = request.gateway.verifier.remembered(presented, request.connection.token);
  if (remembered !== undefined) return accept(request, presented, remembered);
  // Who keeps sending invalid tokens gets no more signatures verified; a token that is known already still counts.
  const failures = request.gateway.tokenFailureLimiter.exhausted(request.address.key, request.now);
  if (failures !== null) return quotaExceeded(request, failures);
  return request.gateway.verifier.verify(presented).then((result) => settle(request, presented, result));
}

function settle(
  request: GatewayRequest,
  presented: string,
  result: VerifiedToken | RefusedToken,
): StepOutcome | Promise<StepOutcome> {
  if (result.kind === "verified") return accept(request, presented, result);
  if (result.reason === "revocations-unknown") return { ...unknown };
  // An expired token is the ordinary end of a token and no sign of guessing.
  if (result.reason !== "expired") request.gateway.tokenFailureLimiter.take(request.address.key, request.now);
  return request.credential === "bearer" ? invalid(result.reason) : setAside(request, result.reason);
}

function accept(
  request: GatewayRequest,
  presented: string,
  verified: VerifiedToken,
): StepOutcome | Promise<StepOutcome> {
  // A browser must never hold the key that stands for the operator: cookies are sent by whatever page asks for it.
  if (request.credential === "cookie" && verified.subject.kind !== "person") return setAside(request, "not-a-person");
  request.subject = verified.subject;
  request.token = presented;
  return request.gateway.renew?.(verified)?.then((newer) => exchange(request, verified, newer));
}

/** Passes a newer token on. The presented one stays where the newer one is not valid, or is somebody else's. */
async function exchange(request: GatewayRequest, presented: VerifiedToken, newer: string | null): Promise<StepOutcome> {
  if (newer === null) return undefined;
  const { verifier } = request.gateway;
  const result = verifier.remembered(newer) ?? (await verifier.verify(newer));
  if (result.kind !== "verified" || result.subject.sessionId !== presented.subject.sessionId) return undefined;
  if (result.subject.id !== presented.subject.id) return undefined;
  request.subject = result.subject;
  request.token = newer;
  return undefined;
}

function setAside(request: GatewayRequest, reason: TokenReason): undefined {
  request.tokenReason = reason;
  if (reason !== "expired") request.record("token-invalid", reason);
  return undefined;
}

/** The cookie's value; undefined when absent, null when given twice (a `__Host-` cookie cannot be, in a browser). */
function cookieToken(cookie: string): string | null | undefined {
  const at = cookie.indexOf(COOKIE_NAME);
  if (at === -1) return undefined;
  let found: string | undefined;
  for (const pair of cookiePairs(cookie)) {
    if (!pair.startsWith(COOKIE_NAME)) continue;
    if (found !== undefined) return null;
    found = pair.slice(COOKIE_NAME.length);
  }
  return found === undefined || found === "" ? undefined : found;
}
