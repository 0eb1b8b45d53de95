// Lifting a session to aal2: what it has proven is written into it, and whatever was weaker ends.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Authenticated } from "../request/authenticate.ts";
import type { Caller } from "../request/caller.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import { answerSession, type SessionAnswer } from "../session/session-answer.ts";
import { findSession } from "../session/session-store.ts";
import type { AuthenticationMethod } from "../token/access-token.ts";
import { lift } from "./factor-store.ts";

const millisecondsPerSecond = 1000;

/** What the session has proven, the new proof first. */
export function withProof(
  { session }: Pick<Authenticated, "session">,
  method: AuthenticationMethod["method"],
  credential: string,
  now: number,
): readonly AuthenticationMethod[] {
  const earlier = session.amr.filter((proof) => proof.method !== method);
  return [{ method, timestamp: Math.floor(now / millisecondsPerSecond), credential }, ...earlier];
}

export interface FactorProof {
  readonly factorId: string;
  readonly method: AuthenticationMethod["method"];
  /** The factor was not verified before: sessions that have not passed it end. */
  readonly isFirst: boolean;
}

/**
 * The session at aal2 after a proof that is spent already.
 * @throws IdentityError mfa_factor_not_found, session_not_found: taken away meanwhile
 */
export async function liftSession(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { factorId, method, isFirst }: FactorProof,
): Promise<SessionAnswer> {
  const { account, session } = who;
  const now = context.now();
  const lifted = await lift(
    context.database,
    {
      factorId,
      userId: account.id,
      sessionId: session.id,
      amr: withProof(who, method, factorId, now),
      endsWeakerSessions: isFirst && context.rules.endsOtherSessions("factor"),
      until: tokensEndAt(context),
    },
    now,
  );
  if (lifted === null) throw new IdentityError("mfa_factor_not_found");
  announceEnded(context, caller, lifted.ended, "factor-changed");
  return await answerLifted(context, session.id);
}

export async function answerLifted(context: IdentityContext, sessionId: string): Promise<SessionAnswer> {
  const lifted = await findSession(context.database, sessionId);
  // Ended between the two statements: there is nothing to answer with.
  if (lifted === null) throw new IdentityError("session_not_found");
  return await answerSession(context, lifted.account, lifted.session);
}
