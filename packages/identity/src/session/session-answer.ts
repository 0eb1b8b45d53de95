// What a client gets for a session: an access token, the current refresh token and the user.
import { randomBytes, randomUUID } from "node:crypto";
import { type Account, userJson } from "../account/account.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Caller } from "../request/caller.ts";
import { type AuthenticationMethod, signAccessToken } from "../token/access-token.ts";
import { refreshSaltBytes, writeRefreshToken } from "../token/refresh-token.ts";
import { announceEnded, tokensEndAt } from "./end-sessions.ts";
import type { Session } from "./session-row.ts";
import { insertSession } from "./session-store.ts";

/** The session object of Supabase Auth, and when its refresh token ends at the latest. */
export interface SessionAnswer {
  readonly body: {
    readonly access_token: string;
    readonly token_type: "bearer";
    readonly expires_in: number;
    readonly expires_at: number;
    readonly refresh_token: string;
    readonly user: Record<string, unknown>;
  };
  readonly refreshSeconds: number;
}

const millisecondsPerSecond = 1000;
const seconds = (milliseconds: number): number => Math.floor(milliseconds / millisecondsPerSecond);

/** Begins a session for somebody who has just proven who they are. Never reuses an id that existed before (SES-01). */
export async function beginSession(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  method: AuthenticationMethod["method"],
): Promise<{ readonly session: Session; readonly answer: SessionAnswer }> {
  const now = context.now();
  const session: Session = {
    id: randomUUID(),
    userId: account.id,
    aal: "aal1",
    amr: [{ method, timestamp: seconds(now) }],
    refreshCounter: 0,
    refreshSalt: randomBytes(refreshSaltBytes),
    rotatedAt: now,
    refreshedAt: now,
    notAfter: now + context.policy.identity.session.absoluteSeconds * millisecondsPerSecond,
    userAgent: caller.userAgent,
    address: caller.address,
    createdAt: now,
  };
  const surplus = await insertSession(context.database, session, tokensEndAt(context));
  announceEnded(context, caller, account.id, surplus, "too-many-sessions");
  return { session, answer: await answerSession(context, { ...account, lastSignInAt: now, updatedAt: now }, session) };
}

/** Signs tokens for a session as it stands. The access token ends with the session, if that is sooner. */
export async function answerSession(
  context: IdentityContext,
  account: Account,
  session: Session,
): Promise<SessionAnswer> {
  const now = seconds(context.now());
  const { accessTokenSeconds } = context.policy.identity.session;
  const expiresAt = Math.min(now + accessTokenSeconds, seconds(session.notAfter));
  const accessToken = await signAccessToken(context, account, session, expiresAt);
  const root = context.keys.derive("refresh-token");
  return {
    body: {
      access_token: accessToken,
      token_type: "bearer",
      expires_in: expiresAt - now,
      expires_at: expiresAt,
      refresh_token: writeRefreshToken(root, session.refreshSalt, session.id, session.refreshCounter),
      user: userJson(account),
    },
    refreshSeconds: seconds(session.notAfter) - now,
  };
}
