// A refresh token for a new pair of tokens (RFC 9700 §4.14.2): each rotation makes the token before it spent. A spent token
// that comes back means that two parties hold the session, and it ends for both.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { refuseDead } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isGenuine, type RefreshClaim, readRefreshToken } from "../token/refresh-token.ts";
import { type Diagnostics, diagnosticsOf, familyEnded, refreshed, reused } from "./diagnostics.ts";
import { endAccountSessions } from "./end-sessions.ts";
import { answerSession, type SessionAnswer } from "./session-answer.ts";
import type { Session } from "./session-row.ts";
import { findSession, rotateSession, type SessionWithAccount } from "./session-store.ts";

/** How often a refresh looks again after another one was first. */
const roundsMax = 5;
const millisecondsPerSecond = 1000;
/** Requests this close to each other are taken for tabs that refresh at once. */
const concurrentSeconds = 2;

/** The OAuth client that refreshes, and what of its scope it wants. */
export interface RefreshingClient {
  readonly id: string;
  readonly narrow: (granted: string) => string;
}

/**
 * A person's own session, or one of the client that asks: neither can be refreshed as the other.
 * @throws IdentityError refresh_token_not_found, refresh_token_already_used, session_expired, user_banned, conflict
 */
export async function refreshSession(
  context: IdentityContext,
  caller: Caller,
  token: string,
  client: RefreshingClient | null = null,
): Promise<SessionAnswer> {
  try {
    const claim = readRefreshToken(token);
    if (claim === null) throw new IdentityError("refresh_token_not_found");
    for (let round = 0; round < roundsMax; round += 1) {
      const answer = await refreshOnce(context, caller, claim, client);
      if (answer !== null) return answer;
    }
    throw new IdentityError("conflict");
  } catch (error) {
    // The refusal goes on as it is; it is caught only to be recorded.
    if (error instanceof IdentityError) {
      emitEvent(context, caller, "session.refresh-refused", { reason: error.code });
    }
    throw error;
  }
}

/** The genuine token's session. @throws IdentityError refresh_token_not_found */
export async function sessionOfRefreshToken(
  context: IdentityContext,
  claim: RefreshClaim,
): Promise<SessionWithAccount> {
  const found = await findSession(context.database, claim.sessionId);
  const root = context.keys.derive("refresh-token");
  if (found === null || !isGenuine(claim, root, found.session.refreshSalt)) {
    throw new IdentityError("refresh_token_not_found");
  }
  return found;
}

/** Null when the session moved on between looking and rotating: the caller looks again. */
async function refreshOnce(
  context: IdentityContext,
  caller: Caller,
  claim: RefreshClaim,
  client: RefreshingClient | null,
): Promise<SessionAnswer | null> {
  const found = await sessionOfRefreshToken(context, claim);
  if ((found.session.client?.id ?? null) !== (client?.id ?? null)) throw new IdentityError("refresh_token_not_found");
  const { account } = found;
  const session = narrowed(found.session, client);
  await refuseDead(context, caller, found, 400);
  const behind = session.refreshCounter - claim.counter;
  // Ahead of us: the database was set back. Nobody can tell which tokens were spent since.
  if (behind < 0) throw new IdentityError("refresh_token_not_found");
  const now = context.now();
  const acting = session.actor === null ? {} : { actor: session.actor.id };
  const facts = { subject: account.id, sessionId: session.id, ...acting };
  if (behind === 0) {
    if (!(await rotateSession(context.database, session.id, session.refreshCounter, now))) return null;
    emitEvent(context, caller, "session.refreshed", facts);
    const rotated = { ...session, refreshCounter: session.refreshCounter + 1, rotatedAt: now, refreshedAt: now };
    return withDiagnostics(await answerSession(context, account, rotated), refreshed);
  }
  const secondsSinceRotation = (now - session.rotatedAt) / millisecondsPerSecond;
  const { reuseIntervalSeconds } = context;
  if (context.rules.mayReuse({ behind, secondsSinceRotation, reuseIntervalSeconds })) {
    // A client that lost the answer, or one of several tabs: it gets the current token, not a new one.
    emitEvent(context, caller, "session.refreshed", { ...facts, reason: "answer-repeated" });
    // At once, another tab was first; later, somebody lost the answer.
    const cause = secondsSinceRotation <= concurrentSeconds ? "concurrent-refresh" : "fail-to-save";
    return withDiagnostics(await answerSession(context, account, session), reused(cause));
  }
  emitEvent(context, caller, "session.reuse-detected", { ...facts, detail: { behind } });
  await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, "refresh-token-reused");
  throw new IdentityError("refresh_token_already_used", { headers: { ...diagnosticsOf(session), ...familyEnded } });
}

const withDiagnostics = (answer: SessionAnswer, more: Diagnostics): SessionAnswer => ({
  ...answer,
  diagnostics: { ...answer.diagnostics, ...more },
});

/** The session as its client wants it answered this time. */
const narrowed = (session: Session, client: RefreshingClient | null): Session =>
  session.client === null || client === null
    ? session
    : { ...session, client: { id: session.client.id, scope: client.narrow(session.client.scope) } };
