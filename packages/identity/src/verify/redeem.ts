// Redeems what was mailed. Whatever is wrong with it, the answer is the same: it does not tell an unknown address from a wrong
// code, nor either from one that has run out.
import { accountLabel, emailHash } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { peekOnce, type Redeemed, spendOnce } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import { type Delivery, deliveryOf } from "./delivery.ts";
import type { Accepted, Means, Verification } from "./verification.ts";
import { verifications } from "./verifications.ts";
import type { VerifyType } from "./verify-type.ts";

export interface Verified {
  readonly accepted: Accepted;
  readonly delivery: Delivery;
}

const expired = (): IdentityError => new IdentityError("otp_expired");

/** @throws IdentityError validation_failed */
export function verificationOf(type: unknown): Verification {
  const known = typeof type === "string" && Object.hasOwn(verifications, type);
  const verification = known ? verifications[type as VerifyType] : undefined;
  if (verification === undefined) {
    throw new IdentityError("validation_failed", { message: "Verify requires a verification type" });
  }
  return verification;
}

/** A token that was followed as a link. @throws IdentityError otp_expired, user_banned, conflict */
export async function redeemLink(
  context: IdentityContext,
  caller: Caller,
  verification: Verification,
  token: string,
): Promise<Verified> {
  for (const purpose of verification.purposes) {
    const redeemed = await spendOnce(context, { purpose, secret: token });
    if (redeemed !== null) return await accept(context, caller, verification, redeemed, "link", purpose);
  }
  emitEvent(context, caller, "signin.failed", { reason: "link-refused" });
  throw expired();
}

/** A code that was typed, with the address it was sent to. Guesses count. @throws IdentityError over_request_rate_limit, otp_expired, … */
export async function redeemCode(
  context: IdentityContext,
  caller: Caller,
  verification: Verification,
  given: { readonly email: string; readonly code: string },
): Promise<Verified> {
  const email = context.rules.spelling(given.email);
  const account = accountLabel(email);
  const attempt = await beginAttempt(context, caller, { kind: "code", address: emailHash(email), account });
  for (const purpose of verification.purposes) {
    const redeemed = await spendOnce(context, { purpose, subject: email, secret: given.code.replace(/\s/g, "") });
    if (redeemed === null) continue;
    await attempt.succeed();
    return await accept(context, caller, verification, redeemed, "code", purpose);
  }
  emitEvent(context, caller, "signin.failed", { reason: "code-refused", detail: { account } });
  throw expired();
}

async function accept(
  context: IdentityContext,
  caller: Caller,
  verification: Verification,
  redeemed: Redeemed,
  means: Means,
  purpose: OncePurpose,
): Promise<Verified> {
  const accepted = await verification.accept(context, caller, redeemed, means, purpose);
  if (accepted === null) {
    emitEvent(context, caller, "signin.failed", { reason: `${means}-refused` });
    throw expired();
  }
  return { accepted, delivery: deliveryOf(context, redeemed.payload) };
}

/** The token of a link as it lives, without spending it; null when it is dead. */
export async function lookAtLink(
  context: IdentityContext,
  { purposes }: Verification,
  token: string,
): Promise<Redeemed | null> {
  for (const purpose of purposes) {
    const found = await peekOnce(context, purpose, token);
    if (found !== null) return found;
  }
  return null;
}

type AcceptedAccount = Extract<Accepted, { readonly kind: "account" }>;

/** Signs in whoever was accepted. @throws IdentityError user_banned, conflict */
export async function signInAccepted(
  context: IdentityContext,
  caller: Caller,
  { account, method }: AcceptedAccount,
): Promise<SessionAnswer> {
  if (context.rules.isBanned(account.bannedUntil, context.now())) {
    emitEvent(context, caller, "signin.failed", { subject: account.id, reason: "banned" });
    throw new IdentityError("user_banned");
  }
  const { session, answer } = await beginSession(context, caller, account, method);
  const facts = { subject: account.id, sessionId: session.id, detail: { account: accountLabel(account.email) } };
  emitEvent(context, caller, "signin.succeeded", { ...facts, reason: method });
  return answer;
}
