// The one way a session ends: its row goes, the gateway is told, and each end is an event.
import type { EventName } from "@holdfast/policy";
import { PROOF_LIFETIME_MS } from "@holdfast/postgres";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent, type Facts } from "../request/caller.ts";
import { type EndedSession, endSessions, type SessionChoice } from "./session-store.ts";

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
  | "role-given"
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

/** Ends the chosen sessions of an account, and those in which their owner acts as somebody else. Returns their ids. */
export async function endAccountSessions(
  context: IdentityContext,
  caller: Caller,
  userId: string,
  choice: SessionChoice,
  cause: SessionEndCause,
  by: { readonly actor?: string } = {},
): Promise<readonly string[]> {
  const until = tokensEndAt(context);
  const ended = await endSessions(context.database, userId, choice, context.now(), until);
  announceEnded(context, caller, ended, cause, by);
  return ended.map(({ id }) => id);
}

/** Tells the gateway and the log about sessions whose rows are gone. */
export function announceEnded(
  context: IdentityContext,
  caller: Caller,
  ended: readonly EndedSession[],
  cause: SessionEndCause,
  by: { readonly actor?: string } = {},
): void {
  if (ended.length === 0) return;
  context.onSessionEnded(
    ended.map(({ id }) => id),
    tokensEndAt(context),
  );
  for (const session of ended) {
    for (const [name, facts] of endFacts(session, cause, by)) emitEvent(context, caller, name, facts);
  }
}

/** The events of one end: of the session, and, where somebody acted in it, of their acting, whoever or whatever ended it. */
export function endFacts(
  { id: sessionId, userId: subject, actorId }: EndedSession,
  reason: SessionEndCause,
  by: { readonly actor?: string } = {},
): readonly (readonly [EventName, Facts])[] {
  const facts = { subject, sessionId, reason };
  if (actorId === null) return [["session.ended", { ...facts, ...by }]];
  const acted = { ...facts, actor: actorId };
  return [
    ["session.ended", { ...acted, ...by }],
    ["impersonation.ended", acted],
  ];
}
