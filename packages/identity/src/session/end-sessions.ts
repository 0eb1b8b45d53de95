// The one way a session ends: its row goes, the gateway is told, and each end is an event.
import { PROOF_LIFETIME_MS } from "@holdfast/postgres";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { endSessions, type SessionChoice } from "./session-store.ts";

export type SessionEndCause =
  | "signed-out"
  | "revoked"
  | "idle"
  | "absolute"
  | "banned"
  | "account-deleted"
  | "refresh-token-reused"
  | "password-changed"
  | "address-changed"
  | "factor-changed"
  | "role-removed"
  | "grant-removed"
  | "code-replayed"
  | "identity-removed"
  | "actor-gone"
  | "too-many-sessions"
  | "newer-session"
  | "signing-key-revoked"
  | "address-confirmed";

const millisecondsPerSecond = 1000;
/** Clocks differ a little, and an instance may learn a little later that the session ended. */
const marginMs = 10_000;

/** Until when an access token signed now, or a proof made with it, could be alive. */
export function tokensEndAt(context: IdentityContext): number {
  const { accessTokenSeconds } = context.policy.identity.session;
  return context.now() + Math.max(accessTokenSeconds * millisecondsPerSecond, PROOF_LIFETIME_MS) + marginMs;
}

/** Ends the chosen sessions of an account. Returns their ids. */
export async function endAccountSessions(
  context: IdentityContext,
  caller: Caller,
  userId: string,
  choice: SessionChoice,
  cause: SessionEndCause,
  by: { readonly actor?: string } = {},
): Promise<readonly string[]> {
  const until = tokensEndAt(context);
  const ids = await endSessions(context.database, userId, choice, context.now(), until);
  announceEnded(context, caller, userId, ids, cause, by);
  return ids;
}

/** Tells the gateway and the log about sessions whose rows are gone. */
export function announceEnded(
  context: IdentityContext,
  caller: Caller,
  userId: string,
  ids: readonly string[],
  cause: SessionEndCause,
  by: { readonly actor?: string } = {},
): void {
  if (ids.length === 0) return;
  context.onSessionEnded([...ids], tokensEndAt(context));
  for (const sessionId of ids) {
    emitEvent(context, caller, "session.ended", { subject: userId, sessionId, reason: cause, ...by });
  }
}
