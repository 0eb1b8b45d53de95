// A text message as a second factor: weaker than the others, since numbers can be taken over, and therefore off unless the policy
// says otherwise. A code belongs to one challenge.
import { randomUUID } from "node:crypto";
import type { Factor } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import { addFactor } from "../factor/add-factor.ts";
import { forgetStaleEnrolments, insertChallenge } from "../factor/factor-store.ts";
import { liftSession } from "../factor/lift-session.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { postNotice } from "../message/notice.ts";
import { spendOnce } from "../once/once.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { phoneCodeSeconds, sendPhoneCode } from "./phone-code.ts";
import { readPhone } from "./phone-number.ts";

const millisecondsPerSecond = 1000;

/** auth-js's answer to an enrolment. @throws IdentityError mfa_phone_enroll_not_enabled, insufficient_aal, reauthentication_needed, … */
export async function enrolPhone(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  given: { readonly friendlyName: string; readonly phone: string },
): Promise<Record<string, unknown>> {
  const { account, session } = who;
  if (!context.policy.identity.factors.phone) throw new IdentityError("mfa_phone_enroll_not_enabled");
  requireFreshProof(context, caller, who);
  const phone = readPhone(given.phone);
  const now = context.now();
  await forgetStaleEnrolments(context.database, account.id, now);
  const id = randomUUID();
  const { friendlyName } = given;
  const factor = { id, userId: account.id, type: "phone", friendlyName, sealedSecret: null, phone } as const;
  await addFactor(context, factor, now);
  const detail = { factor: id, type: "phone" };
  emitEvent(context, caller, "factor.enrolled", { subject: account.id, sessionId: session.id, detail });
  return { id, type: "phone", friendly_name: friendlyName, phone };
}

/** Sends a code for one challenge. @throws IdentityError mfa_phone_verify_not_enabled, over_sms_send_rate_limit */
export async function challengePhone(
  context: IdentityContext,
  caller: Caller,
  { account }: Authenticated,
  factor: Factor,
): Promise<Record<string, unknown>> {
  if (!context.policy.identity.factors.phone) throw new IdentityError("mfa_phone_verify_not_enabled");
  const now = context.now();
  const expiresAt = now + phoneCodeSeconds * millisecondsPerSecond;
  const id = randomUUID();
  await sendPhoneCode(context, caller, {
    purpose: "factor-phone",
    phone: factor.phone,
    subject: id,
    userId: account.id,
    payload: { factor: factor.id },
  });
  await insertChallenge(context.database, { id, factorId: factor.id, expiresAt }, now);
  return { id, type: "phone", expires_at: Math.floor(expiresAt / millisecondsPerSecond) };
}

/** The session at aal2. @throws IdentityError over_request_rate_limit, mfa_verification_failed, mfa_phone_verify_not_enabled */
export async function verifyPhoneFactor(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  proof: { readonly factor: Factor; readonly challengeId: string; readonly code: string },
): Promise<SessionAnswer> {
  const { account, session } = who;
  const { factor, challengeId, code } = proof;
  if (!context.policy.identity.factors.phone) throw new IdentityError("mfa_phone_verify_not_enabled");
  const attempt = await beginAttempt(context, caller, { kind: "factor", userId: account.id });
  const redeemed = await spendOnce(context, { purpose: "factor-phone", subject: challengeId, secret: code });
  const detail = { factor: factor.id };
  if (redeemed === null || redeemed.userId !== account.id || redeemed.payload.factor !== factor.id) {
    const facts = { subject: account.id, sessionId: session.id, reason: "wrong-code", detail };
    emitEvent(context, caller, "factor.failed", facts);
    throw new IdentityError("mfa_verification_failed", { message: "Invalid MFA Phone code entered" });
  }
  await attempt.succeed();
  const isFirst = factor.status === "unverified";
  const answer = await liftSession(context, caller, who, { factorId: factor.id, method: "mfa/phone", isFirst });
  const facts = { subject: account.id, sessionId: session.id, reason: "phone", detail: { ...detail, first: isFirst } };
  emitEvent(context, caller, "factor.verified", facts);
  if (isFirst) postNotice(context, caller, account, "factor-added");
  return answer;
}
