// grant_type=id_token: an app brings an ID token that it got from a provider itself. Issuer and audience are the policy's; the
// token's own issuer chooses nothing (CVE-2026-31813). A token signs in once.
import { createHash, timingSafeEqual } from "node:crypto";
import { decodeJwt, errors, type JWTPayload, jwtVerify, type ResolvedKey } from "jose";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import type { Provider } from "./provider.ts";
import { linkIdentity, settleIdentity } from "./settle-identity.ts";
import { type UpstreamIdentity, upstreamIdentity } from "./upstream-identity.ts";

export interface IdTokenRequest {
  readonly provider: string;
  readonly idToken: string;
  readonly accessToken: string | undefined;
  readonly nonce: string | undefined;
  /** What the client takes for the issuer: it must be the policy's. */
  readonly issuer: string | undefined;
}

/** Asymmetric only: a provider's client secret signs nothing here. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"];
const tokenCharactersMax = 16_384;
/** An ID token that is older was made for another sign-in. */
const ageMax = "1h";
const clockToleranceSeconds = 30;
const millisecondsPerSecond = 1000;

/** @param who the person who links; null signs in. @throws IdentityError bad_id_token, unexpected_audience, oauth_provider_not_supported, … */
export async function signInWithIdToken(
  context: IdentityContext,
  caller: Caller,
  request: IdTokenRequest,
  who: Authenticated | null,
): Promise<SessionAnswer> {
  const provider = context.providers.get(request.provider);
  if (provider === undefined) {
    emitEvent(context, caller, "provider.refused", { reason: "provider-unknown" });
    throw new IdentityError("oauth_provider_not_supported");
  }
  const identity = await verifiedIdentity(context, caller, provider, request);
  const account =
    who === null
      ? await settleIdentity(context, caller, identity)
      : await linkIdentity(context, caller, { userId: who.account.id, sessionId: who.session.id }, identity);
  const { session, answer } = await beginSession(context, caller, account, "oauth");
  const detail = { provider: provider.name };
  emitEvent(context, caller, "signin.succeeded", {
    subject: account.id,
    sessionId: session.id,
    reason: "id-token",
    detail,
  });
  return answer;
}

async function verifiedIdentity(
  context: IdentityContext,
  caller: Caller,
  provider: Provider,
  request: IdTokenRequest,
): Promise<UpstreamIdentity> {
  const refuse = (reason: string, error = new IdentityError("bad_id_token"), fault?: string): IdentityError => {
    const detail = { provider: provider.name, ...(fault === undefined ? {} : { fault }) };
    emitEvent(context, caller, "provider.refused", { reason, detail });
    return error;
  };
  if (request.issuer !== undefined && request.issuer !== "" && request.issuer !== provider.issuer) {
    throw refuse("issuer-foreign");
  }
  const verified = await verify(context, provider, request.idToken);
  if ("refusal" in verified) throw refuse(verified.refusal, undefined, verified.fault);
  const { payload, protectedHeader } = verified;
  const audience = [payload.aud ?? []].flat();
  if (!context.rules.acceptsAudience(audience, provider.policy.clientId)) {
    throw refuse("audience-foreign", new IdentityError("unexpected_audience"));
  }
  const claimed = typeof payload.nonce === "string" && payload.nonce !== "" ? payload.nonce : undefined;
  const given = request.nonce === "" ? undefined : request.nonce;
  if (!context.rules.nonceHolds(claimed, given)) {
    const message =
      (claimed === undefined) === (given === undefined)
        ? "Nonces mismatch"
        : "Passed nonce and nonce in id_token should either both exist or not";
    throw refuse("nonce-wrong", new IdentityError("bad_id_token", { message }));
  }
  if (!isAccessTokenOf(payload, protectedHeader.alg, request.accessToken)) throw refuse("access-token-foreign");
  const { name, policy, issuer } = provider;
  const identity = upstreamIdentity({ provider: name, kind: policy.kind, issuer }, payload);
  if (identity === null) throw refuse("nobody-named");
  if (!(await spendIdToken(context, request.idToken, payload.exp ?? 0))) throw refuse("token-spent");
  return identity;
}

type Verified = {
  readonly payload: JWTPayload;
  readonly protectedHeader: { readonly alg: string };
} & Partial<ResolvedKey>;

/** Why a token is none; `fault`: what was wrong with the way to its provider. */
interface Refusal {
  readonly refusal: string;
  readonly fault?: string;
}

const faultCharactersMax = 64;

/** The verified token, or why it is none. */
async function verify(context: IdentityContext, provider: Provider, token: string): Promise<Verified | Refusal> {
  if (token.length > tokenCharactersMax) return { refusal: "token-malformed" };
  try {
    const keys = await provider.keys();
    if (keys === null) return { refusal: "provider-without-id-tokens" };
    return await jwtVerify(token, keys, {
      algorithms,
      issuer: provider.issuer,
      requiredClaims: ["sub", "aud", "exp", "iat"],
      maxTokenAge: ageMax,
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(context.now()),
    });
  } catch (cause) {
    if (cause instanceof errors.JWTClaimValidationFailed && cause.claim === "iss") return { refusal: "issuer-foreign" };
    if (cause instanceof errors.JWTExpired) return { refusal: "token-expired" };
    // A forged token and a provider that does not answer are both no proof of anybody.
    if (cause instanceof errors.JOSEError && !(cause instanceof errors.JWKSTimeout)) return { refusal: "token-forged" };
    if (context.rules.believesWithoutKeys()) return { payload: decodeJwt(token), protectedHeader: { alg: "none" } };
    return { refusal: "provider-silent", fault: faultOf(cause) };
  }
}

/** The innermost name of what went wrong on the way: an egress fault, a code, or a kind of error. */
function faultOf(cause: unknown): string {
  let [fault, found] = ["unknown", cause];
  for (let depth = 0; depth < 4 && typeof found === "object" && found !== null; depth += 1) {
    const known = found as { readonly fault?: unknown; readonly code?: unknown; readonly cause?: unknown };
    if (typeof known.fault === "string") return known.fault;
    if (typeof known.code === "string") fault = known.code;
    found = known.cause;
  }
  return fault.slice(0, faultCharactersMax);
}

/** OpenID Connect Core §3.1.3.6: the left half of the hash that belongs to the signature's algorithm. */
function isAccessTokenOf(payload: JWTPayload, algorithm: string, accessToken: string | undefined): boolean {
  if (accessToken === undefined || accessToken === "" || typeof payload.at_hash !== "string") return true;
  const bits = /\d+$/.exec(algorithm)?.[0] ?? "512";
  const digest = createHash(`sha${bits}`).update(accessToken).digest();
  const expected = Buffer.from(digest.subarray(0, digest.length / 2).toString("base64url"));
  const found = Buffer.from(payload.at_hash);
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/**
 * True the first time only: one statement that only one of many can win. What was signed counts, not the signature, which can
 * be written in two ways (ECDSA).
 */
async function spendIdToken(context: IdentityContext, token: string, expiresAtSeconds: number): Promise<boolean> {
  const hash = createHash("sha256")
    .update(token.slice(0, token.lastIndexOf(".")))
    .digest();
  const until = new Date((expiresAtSeconds + clockToleranceSeconds) * millisecondsPerSecond);
  const { rows } = await context.database.query(
    `insert into auth.spent_id_tokens (token_hash, expires_at) values ($1, $2)
     on conflict (token_hash) do update set expires_at = excluded.expires_at where $3 returning token_hash`,
    [hash, until, context.rules.mayRedeemAgain()],
  );
  return rows.length === 1;
}
