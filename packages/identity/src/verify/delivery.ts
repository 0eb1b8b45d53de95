// How whoever follows a mailed link gets their session, and where the browser goes with it: decided when the link is asked for,
// and kept with it.
import type { FastifyRequest } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { challengePattern } from "../oauth/code-challenge.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isCookieMode } from "../session/session-cookies.ts";

export interface Delivery {
  /** Where the browser goes; named by the policy. */
  readonly redirectTo: string;
  /** Where the link begins, unless at the issuer; not kept. */
  readonly issuer?: string;
  /** The S256 challenge of whoever asked (RFC 7636): the redirect bears a code that only they can exchange. */
  readonly challenge?: string;
  /** Whoever asked keeps the session in cookies; the redirect bears nothing. */
  readonly cookies?: true;
}

export interface ChallengeBody {
  readonly code_challenge?: string | null;
  readonly code_challenge_method?: string | null;
}

/** @throws IdentityError validation_failed: half a challenge, a malformed one, or a method other than S256 */
export function readChallenge(body: ChallengeBody): string | undefined {
  const { code_challenge: challenge, code_challenge_method: method } = body;
  const none = (value: string | null | undefined): boolean => value === undefined || value === null || value === "";
  if (none(challenge) && none(method)) return undefined;
  const refuse = (message: string) => new IdentityError("validation_failed", { message });
  // `plain` protects nothing from whoever sees the request (RFC 9700 §2.1.1).
  if (typeof method !== "string" || method.toLowerCase() !== "s256") {
    throw refuse("code_challenge_method must be S256");
  }
  if (typeof challenge !== "string" || !challengePattern.test(challenge)) {
    throw refuse("code_challenge must be the base64url of a SHA-256 hash");
  }
  return challenge;
}

/** What the request asks for. A redirect that the policy does not name becomes the application's first page, and is an event. */
export function readDelivery(
  context: IdentityContext,
  caller: Caller,
  request: FastifyRequest,
  body: ChallengeBody,
): Delivery {
  const challenge = readChallenge(body);
  const { redirect_to: wanted } = request.query as { readonly redirect_to?: unknown };
  return {
    redirectTo: readRedirect(context, caller, wanted),
    issuer: context.rules.linkIssuer(context.issuer, request.headers),
    ...(challenge === undefined ? {} : { challenge }),
    ...(isCookieMode(request) ? { cookies: true as const } : {}),
  };
}

/** The wanted URL where the policy names it, otherwise the application's first page. */
export function readRedirect(context: IdentityContext, caller: Caller, wanted: unknown): string {
  const home = `${context.policy.application.origin}/`;
  if (wanted === undefined || wanted === "") return home;
  if (typeof wanted === "string" && context.rules.mayRedirect(wanted, context.policy)) return wanted;
  emitEvent(context, caller, "redirect.refused", { reason: "not-named" });
  return home;
}

/** The delivery that was kept with a token. */
export function deliveryOf(context: IdentityContext, payload: Readonly<Record<string, unknown>>): Delivery {
  const kept = payload.delivery as Delivery | undefined;
  return kept ?? { redirectTo: `${context.policy.application.origin}/` };
}
