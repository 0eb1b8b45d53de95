// Taking a factor away. What it gave goes with it: sessions that relied on it end.
import type { Factor } from "../account/account.ts";
import { requireAccount } from "../account/administer-account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { type Actor, actorFacts } from "../role/actor.ts";
import { requireMayReset } from "../role/privilege.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { deleteFactor } from "./factor-store.ts";
import { removeLeftAloneCodes } from "./recovery-code-store.ts";
import { settleRemoval } from "./settle-removal.ts";

/**
 * True when the session ended with the factor that it had proven.
 * @throws IdentityError insufficient_aal, reauthentication_needed, mfa_factor_not_found
 */
export async function removeOwnFactor(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  factor: Factor,
): Promise<boolean> {
  const { account, session } = who;
  // An unfinished enrolment protects nothing yet and may be dropped by any session of the account.
  if (factor.status === "verified") requireFreshProof(context, caller, who);
  if (!(await deleteFactor(context.database, account.id, factor.id))) throw new IdentityError("mfa_factor_not_found");
  const facts = { subject: account.id, sessionId: session.id, detail: { factor: factor.id, type: factor.type } };
  emitEvent(context, caller, "factor.removed", { ...facts, reason: "own" });
  if (factor.status !== "verified") return false;
  postNotice(context, caller, account, "factor-removed");
  return await settleRemoval(context, caller, who);
}

export interface FactorRemoval {
  readonly userId: string;
  readonly factorId: string;
  /** Why; a program of the application gives none. */
  readonly note?: string;
}

/** By an administrator: the person has to sign in again everywhere. @throws IdentityError mfa_factor_not_found, user_not_found, privileged_account */
export async function removeFactorOf(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  { userId, factorId, note }: FactorRemoval,
): Promise<void> {
  const account = await requireAccount(context, userId);
  requireMayReset(context, caller, actor, account);
  if (!(await deleteFactor(context.database, userId, factorId))) throw new IdentityError("mfa_factor_not_found");
  emitEvent(context, caller, "factor.removed", {
    subject: userId,
    ...actorFacts(actor),
    detail: { factor: factorId, ...(note === undefined ? {} : { note }) },
  });
  await removeLeftAloneCodes(context, caller, userId);
  postNotice(context, caller, account, "factor-removed");
  await endAccountSessions(context, caller, userId, { kind: "all" }, "factor-changed");
}
