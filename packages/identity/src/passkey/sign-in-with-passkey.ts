// Signing in with a passkey. It is a device and a person at once, so its session is worth aal2 (NIST SP 800-63B-4 §2.2.1); the
// challenge is the same for everybody, and nothing tells which accounts have one.
import { findAccount } from "../account/account-store.ts";
import type { IdentityErrorCode } from "../error/error-code.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countPasskeyChallenge } from "../limit/attempts.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import { assertionOptions, userHandleOf, verifyAssertion } from "../webauthn/ceremony.ts";
import { type Ceremony, issueChallenge, spendChallenge } from "../webauthn/challenge.ts";
import { type Credential, findCredential, useCredential } from "../webauthn/credential-store.ts";
import { type AssertionResponse, readClientData } from "../webauthn/response.ts";

const ceremony: Ceremony = { purpose: "passkey-authentication", subject: "" };

/** @throws IdentityError over_request_rate_limit */
export async function beginAuthentication(context: IdentityContext, caller: Caller): Promise<Record<string, unknown>> {
  await countPasskeyChallenge(context, caller);
  const issued = await issueChallenge(context, ceremony, null);
  const options = await assertionOptions(context, { use: "passkey", challenge: issued.challenge, allow: [] });
  return { challenge_id: issued.id, options, expires_at: issued.expiresAt };
}

interface Refusal {
  readonly reason: string;
  readonly code: IdentityErrorCode;
  readonly status?: number;
  readonly userId?: string;
}

const failed = (reason: string, userId?: string): Refusal => ({
  reason,
  code: "webauthn_verification_failed",
  ...(userId === undefined ? {} : { userId }),
});

/**
 * @throws IdentityError webauthn_challenge_not_found, webauthn_challenge_expired, webauthn_credential_not_found,
 * webauthn_verification_failed, user_banned, conflict
 */
export async function finishAuthentication(
  context: IdentityContext,
  caller: Caller,
  given: { readonly challengeId: string; readonly credential: AssertionResponse },
): Promise<SessionAnswer> {
  const proven = await prove(context, given.challengeId, given.credential);
  if ("reason" in proven) throw refuse(context, caller, proven);
  const account = await findAccount(context.database, proven.userId);
  if (account === null || account.deletedAt !== null) throw refuse(context, caller, failed("unknown-account"));
  if (context.rules.isBanned(account.bannedUntil, context.now())) {
    throw refuse(context, caller, { reason: "banned", code: "user_banned", status: 403, userId: account.id });
  }
  const { session, answer } = await beginSession(context, caller, account, "passkey", proven.id);
  const facts = { subject: account.id, sessionId: session.id, detail: { passkey: proven.id } };
  emitEvent(context, caller, "signin.succeeded", { ...facts, reason: "passkey" });
  return answer;
}

function refuse(context: IdentityContext, caller: Caller, { reason, code, status, userId }: Refusal): IdentityError {
  emitEvent(context, caller, "signin.failed", { ...(userId === undefined ? {} : { subject: userId }), reason });
  return new IdentityError(code, status === undefined ? {} : { status });
}

/** Spends the challenge and judges what was signed: the passkey that signed it, or why it does not count. */
async function prove(
  context: IdentityContext,
  challengeId: string,
  response: AssertionResponse,
): Promise<Credential | Refusal> {
  const client = readClientData(response.response.clientDataJSON);
  if (client === null) return failed("malformed");
  const state = await spendChallenge(context, ceremony, { id: challengeId, challenge: client.challenge });
  if (state === "expired") return { reason: "challenge-expired", code: "webauthn_challenge_expired" };
  if (state === "unknown") return { reason: "challenge-unknown", code: "webauthn_challenge_not_found" };
  const credential = await findCredential(context.database, Buffer.from(response.id, "base64url"));
  if (credential === null) return { reason: "unknown-passkey", code: "webauthn_credential_not_found", status: 400 };
  const { userId } = credential;
  // W3C WebAuthn Level 3 §7.2 step 6: the account that the authenticator names is the one the credential belongs to.
  const named = Buffer.from(response.response.userHandle ?? "", "base64url");
  const isOwn = context.rules.ownsCredential(credential, { userId, factorId: null });
  if (!isOwn || !named.equals(userHandleOf(userId))) return failed("foreign-credential", userId);
  const signed = await verifyAssertion(context, "passkey", response, client, credential);
  if (!signed.ok) return failed(signed.reason, userId);
  const bound = context.rules.signCountBound(signed.value.signCount);
  const used = { id: credential.id, bound, ...signed.value };
  if (!(await useCredential(context.database, used, context.now()))) return failed("counter-regressed", userId);
  return credential;
}
