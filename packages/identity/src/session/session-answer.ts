// What a client gets for a session: an access token, the current refresh token and the user.
import { randomBytes, randomUUID } from "node:crypto";
import { type Account, userJson } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { actJson } from "../impersonation/act-json.ts";
import type { Caller } from "../request/caller.ts";
import { currentRoles, firstRoleEnd, isPrivileged } from "../role/privilege.ts";
import type { Assurance } from "../rules.ts";
import { type AuthenticationMethod, signAccessToken } from "../token/access-token.ts";
import { refreshSaltBytes, writeRefreshToken } from "../token/refresh-token.ts";
import { assuranceOf } from "./assurance.ts";
import { type Diagnostics, diagnosticsOf } from "./diagnostics.ts";
import { announceEnded, endAccountSessions, tokensEndAt } from "./end-sessions.ts";
import type { Session } from "./session-row.ts";
import { findSession, insertSession, sessionsPerAccountMax } from "./session-store.ts";

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
  /** What Supabase Auth tells a server's log about the tokens it gave (`sb-auth-*`); nothing that the tokens do not hold. */
  readonly diagnostics: Diagnostics;
}

const millisecondsPerSecond = 1000;
const seconds = (milliseconds: number): number => Math.floor(milliseconds / millisecondsPerSecond);

/**
 * Begins a session for somebody who has just proven who they are. Never reuses an id that existed before (SES-01).
 * @throws IdentityError conflict, user_banned, when the account was changed since it was read: comparing a password takes long
 */
export async function beginSession(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  method: AuthenticationMethod["method"],
  /** The passkey it was proven with. */
  credential?: string,
): Promise<{ readonly session: Session; readonly answer: SessionAnswer }> {
  const opened = await openSession(context, caller, account, method, credential);
  return { session: opened.session, answer: await answerSession(context, opened.account, opened.session) };
}

/** A session nobody has a token of yet, and the account as it is now: a role that was taken away meanwhile is in no token of it. */
export async function openSession(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  method: AuthenticationMethod["method"],
  credential?: string,
): Promise<{ readonly session: Session; readonly account: Account }> {
  const now = context.now();
  const session: Session = {
    id: randomUUID(),
    userId: account.id,
    amr: [{ method, timestamp: seconds(now), ...(credential === undefined ? {} : { credential }) }],
    refreshCounter: 0,
    refreshSalt: randomBytes(refreshSaltBytes),
    rotatedAt: now,
    refreshedAt: now,
    notAfter: now + context.policy.identity.session.absoluteSeconds * millisecondsPerSecond,
    userAgent: caller.userAgent,
    address: caller.address,
    createdAt: now,
    client: null,
    actor: null,
  };
  // A client beside the person is not a newer session of theirs.
  const isSingle = context.policy.identity.session.single && method !== "oauth_provider/authorization_code";
  const besideMax = context.rules.sessionsBesideNewest(isSingle, sessionsPerAccountMax);
  const begun = await insertSession(context.database, session, account.passwordHash, tokensEndAt(context), besideMax);
  if (begun === null) throw new IdentityError("conflict");
  announceEnded(context, caller, begun.ended, isSingle ? "newer-session" : "too-many-sessions");
  if (context.rules.isBanned(begun.account.bannedUntil, now)) {
    await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, "banned");
    throw new IdentityError("user_banned");
  }
  return { session, account: begun.account };
}

/**
 * An access token of a session as it stands now, worth no more than `assurance`; null when it is over. For whoever holds an older
 * one of it: nothing about the session changes.
 */
export async function currentAccessToken(
  context: IdentityContext,
  sessionId: string,
  assurance: Assurance,
): Promise<string | null> {
  const found = await findSession(context.database, sessionId);
  if (found === null) return null;
  const { session, account } = found;
  const { rules, policy } = context;
  const now = context.now();
  if (account.deletedAt !== null || rules.isBanned(account.bannedUntil, now)) return null;
  if (rules.sessionEnd(session, policy.identity.session.idleSeconds, now) !== null) return null;
  // Nobody acts as somebody privileged, also not with a right that came after it was begun.
  if (session.actor !== null && isPrivileged(policy, account)) return null;
  const aal = rules.assurance(assurance, assuranceOf(context, account, session));
  return (await signCurrent(context, account, session, aal)).accessToken;
}

/** Signs tokens for a session as it stands. The access token ends with the session, if that is sooner. */
export async function answerSession(
  context: IdentityContext,
  account: Account,
  session: Session,
): Promise<SessionAnswer> {
  const { accessToken, expiresAt, current } = await signCurrent(
    context,
    account,
    session,
    assuranceOf(context, account, session),
  );
  const now = seconds(context.now());
  const root = context.keys.derive("refresh-token");
  return {
    body: {
      access_token: accessToken,
      token_type: "bearer",
      expires_in: expiresAt - now,
      expires_at: expiresAt,
      refresh_token: writeRefreshToken(root, session.refreshSalt, session.id, session.refreshCounter),
      user: { ...userJson(current), ...actJson(session) },
    },
    refreshSeconds: seconds(session.notAfter) - now,
    diagnostics: diagnosticsOf(session),
  };
}

/** Signs an access token for the account with the roles that count now: one that was given for a time ends the token with it. */
async function signCurrent(
  context: IdentityContext,
  account: Account,
  { id, amr, client, actor, notAfter }: Session,
  aal: Assurance,
): Promise<{ readonly accessToken: string; readonly expiresAt: number; readonly current: Account }> {
  const now = context.now();
  const { accessTokenSeconds } = context.policy.identity.session;
  const ends = [seconds(now) + accessTokenSeconds, seconds(notAfter), seconds(firstRoleEnd(account, now))];
  const expiresAt = Math.min(...ends);
  const current = { ...account, appMetadata: { ...account.appMetadata, roles: currentRoles(account, now) } };
  return {
    accessToken: await signAccessToken(context, current, { id, amr, client, actor, aal }, expiresAt),
    expiresAt,
    current,
  };
}
