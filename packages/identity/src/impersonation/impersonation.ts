// An administrator acts as somebody else: a session of that person that bears who acts (RFC 8693 §4.1), worth aal1, for minutes,
// with a reason. It ends with the administrator's own session, with their role, and whenever either of the two ends it.
import { randomBytes, randomUUID } from "node:crypto";
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/account-store.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { holdsAdministration, isPrivileged } from "../role/privilege.ts";
import { answerSession, type SessionAnswer } from "../session/session-answer.ts";
import type { Session } from "../session/session-row.ts";
import { refreshSaltBytes } from "../token/refresh-token.ts";
import { insertActingSession } from "./acting-session-store.ts";

export interface ActingWish {
  readonly userId: string;
  readonly reason: string;
  /** How long, at most half an hour. */
  readonly seconds: number | undefined;
}

const millisecondsPerSecond = 1000;

/** @throws IdentityError feature_disabled, impersonation_refused, user_not_found */
export async function beginActing(
  context: IdentityContext,
  caller: Caller,
  { account: administrator, session: own, assurance }: Authenticated,
  { userId, reason, seconds }: ActingWish,
): Promise<SessionAnswer> {
  const refuse = (why: string, error: IdentityError) => {
    emitEvent(context, caller, "impersonation.refused", { subject: userId, actor: administrator.id, reason: why });
    return error;
  };
  const person = await findAccount(context.database, userId);
  if (person === null || person.deletedAt !== null) throw refuse("no-account", new IdentityError("user_not_found"));
  const refusal = context.rules.actingRefusal({
    isOn: context.policy.identity.impersonation,
    assurance,
    isAdministrator: holdsAdministration(context, administrator),
    isActing: own.actor !== null,
    isSelf: person.id === administrator.id,
    isPrivileged: isPrivileged(context.policy, person),
    reason: reason.trim(),
  });
  if (refusal === "off") {
    throw refuse(
      refusal,
      new IdentityError("feature_disabled", { message: "Acting as somebody else is off in the policy" }),
    );
  }
  if (refusal !== null) throw refuse(refusal, new IdentityError("impersonation_refused"));
  const session = actingSession(context, caller, person, { administrator, own, reason: reason.trim(), seconds });
  if (!(await insertActingSession(context.database, session))) throw new IdentityError("conflict");
  const detail = { why: session.actor?.reason ?? "", until: session.notAfter };
  emitEvent(context, caller, "impersonation.begun", {
    subject: person.id,
    actor: administrator.id,
    sessionId: session.id,
    detail,
  });
  return await answerSession(context, person, session);
}

interface Acting {
  readonly administrator: Account;
  readonly own: Session;
  readonly reason: string;
  readonly seconds: number | undefined;
}

function actingSession(context: IdentityContext, caller: Caller, person: Account, acting: Acting): Session {
  const now = context.now();
  const ends = now + context.rules.actingSeconds(acting.seconds) * millisecondsPerSecond;
  return {
    id: randomUUID(),
    userId: person.id,
    amr: [{ method: "impersonation", timestamp: Math.floor(now / millisecondsPerSecond) }],
    refreshCounter: 0,
    refreshSalt: randomBytes(refreshSaltBytes),
    rotatedAt: now,
    refreshedAt: now,
    notAfter: Math.min(ends, acting.own.notAfter),
    userAgent: caller.userAgent,
    address: caller.address,
    createdAt: now,
    client: null,
    actor: { id: acting.administrator.id, sessionId: acting.own.id, reason: acting.reason },
  };
}
