// A code of a second factor for a session at aal2. A code is good once: its time step is spent in the statement that accepts it.
import { randomUUID } from "node:crypto";
import type { Factor } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { openSecret } from "../key/sealed-secret.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { postNotice } from "../message/notice.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isOffered } from "../session/assurance.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { findOpenChallenge, insertChallenge, redeemStep } from "./factor-store.ts";
import { answerLifted, withProof } from "./lift-session.ts";
import { matchingStep } from "./totp.ts";

const challengeSeconds = 300;
const millisecondsPerSecond = 1000;

/** auth-js's answer to a challenge for a code. Not bound to an address: people and proxies move. @throws IdentityError mfa_totp_verify_not_enabled */
export async function challengeFactor(context: IdentityContext, factor: Factor): Promise<Record<string, unknown>> {
  if (!isOffered(context.policy, "totp")) throw new IdentityError("mfa_totp_verify_not_enabled");
  const now = context.now();
  const expiresAt = now + challengeSeconds * millisecondsPerSecond;
  const id = randomUUID();
  await insertChallenge(context.database, { id, factorId: factor.id, expiresAt }, now);
  return { id, type: "totp", expires_at: Math.floor(expiresAt / millisecondsPerSecond) };
}

export interface CodeProof {
  readonly factor: Factor;
  readonly challengeId: string;
  readonly code: string;
}

/** @throws IdentityError mfa_totp_verify_not_enabled, over_request_rate_limit, mfa_challenge_expired, mfa_verification_failed */
export async function verifyFactor(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  proof: CodeProof,
): Promise<SessionAnswer> {
  const { account, session } = who;
  if (!isOffered(context.policy, "totp")) throw new IdentityError("mfa_totp_verify_not_enabled");
  const attempt = await beginAttempt(context, caller, { kind: "factor", userId: account.id });
  const refuse = (reason: string, code: "mfa_challenge_expired" | "mfa_verification_failed") => {
    const detail = { factor: proof.factor.id };
    emitEvent(context, caller, "factor.failed", { subject: account.id, sessionId: session.id, reason, detail });
    return new IdentityError(code);
  };
  const now = context.now();
  const challenge = { id: proof.challengeId, factorId: proof.factor.id, userId: account.id };
  const open = await findOpenChallenge(context.database, challenge, now);
  if (open === null) throw refuse("challenge-expired", "mfa_challenge_expired");
  const secret = openSecret(context.keys.derive("factor-secret"), proof.factor.id, open.sealedSecret);
  const step = matchingStep(secret, proof.code, now);
  if (step === null) throw refuse("wrong-code", "mfa_verification_failed");
  const isFirst = open.status === "unverified";
  const redeemed = await redeemStep(
    context.database,
    {
      ...challenge,
      challengeId: challenge.id,
      sessionId: session.id,
      step,
      spentStepBound: context.rules.spentStepBound(step),
      amr: withProof(who, "totp", proof.factor.id, now),
      endsWeakerSessions: isFirst && context.rules.endsOtherSessions("factor"),
      until: tokensEndAt(context),
    },
    now,
  );
  if (redeemed === null) throw refuse("code-spent", "mfa_verification_failed");
  await attempt.succeed();
  const facts = { subject: account.id, sessionId: session.id, detail: { factor: proof.factor.id, first: isFirst } };
  emitEvent(context, caller, "factor.verified", { ...facts, reason: "totp" });
  if (isFirst) postNotice(context, caller, account, "factor-added");
  announceEnded(context, caller, redeemed.ended, "factor-changed");
  return await answerLifted(context, session.id);
}
