// The token endpoint: a code for a session of the client, once (RFC 6749 §4.1.3), and the refresh of one. There is no other
// grant. A code that comes a second time ends what it gave the first time (RFC 9700 §2.1.1).
import type { Account } from "../account/account.ts";
import { findAccount } from "../account/account-store.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { spendOnce } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { refreshSession } from "../session/refresh-session.ts";
import { answerSession, openSession, type SessionAnswer } from "../session/session-answer.ts";
import {
  type Authorization,
  closeAuthorization,
  findApprovedAuthorization,
  findAuthorizationByCode,
  markClientSession,
} from "./authorization-store.ts";
import { hashCode } from "./consent.ts";
import { signIdToken } from "./id-token.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { oauthError } from "./oauth-error.ts";
import { isWithinScope, readScope } from "./oauth-scope.ts";

export interface TokenRequest {
  readonly code?: string;
  readonly redirect_uri?: string;
  readonly code_verifier?: string;
  readonly refresh_token?: string;
  readonly scope?: string;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: "bearer";
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope: string;
  readonly id_token?: string;
}

const codeCharactersMax = 256;

function refused(
  context: IdentityContext,
  caller: Caller,
  client: OAuthClient,
  reason: string,
  subject?: string,
): IdentityError {
  emitEvent(context, caller, "grant.refused", {
    ...(subject === undefined ? {} : { subject }),
    reason,
    detail: { client: client.id },
  });
  return oauthError("invalid_grant", "The code or token is invalid, expired, spent, or another client's");
}

/** @throws IdentityError, an OAuth error */
export async function redeemCode(
  context: IdentityContext,
  caller: Caller,
  client: OAuthClient,
  request: TokenRequest,
): Promise<TokenAnswer> {
  const { code = "", redirect_uri: redirectUri, code_verifier: verifier } = request;
  if (code === "" || code.length > codeCharactersMax) throw refused(context, caller, client, "code-unknown");
  const authorization = await spendCode(context, caller, client, code);
  if (authorization === null || authorization.userId === null) throw refused(context, caller, client, "code-unknown");
  const { userId } = authorization;
  if (redirectUri !== authorization.redirectUri) throw refused(context, caller, client, "redirect-differs", userId);
  if (!context.rules.isVerifierOf(authorization.codeChallenge, verifier)) {
    throw refused(context, caller, client, "verifier-wrong", userId);
  }
  const account = await findAccount(context.database, userId);
  if (account === null || account.deletedAt !== null) throw refused(context, caller, client, "account-gone", userId);
  const answer = await beginClientSession(context, caller, client, account, authorization);
  emitEvent(context, caller, "grant.redeemed", {
    subject: userId,
    sessionId: answer.sessionId,
    detail: { client: client.id, scope: authorization.scope },
  });
  return await tokenAnswer(context, client, answer.answer, {
    account,
    scope: authorization.scope,
    nonce: authorization.nonce,
  });
}

/** What the code stands for; null when it stands for nothing. */
async function spendCode(
  context: IdentityContext,
  caller: Caller,
  client: OAuthClient,
  code: string,
): Promise<Authorization | null> {
  const spent = await spendOnce(context, { purpose: "authorization-code", subject: client.id, secret: code });
  if (spent !== null) {
    const { authorizationId } = spent.payload as { readonly authorizationId: string };
    return await findApprovedAuthorization(context.database, authorizationId);
  }
  const earlier = await findAuthorizationByCode(context.database, client.id, hashCode(code));
  if (earlier === null || earlier.userId === null) return null;
  if (context.rules.mayRedeemAgain()) return earlier;
  await closeAuthorization(context.database, earlier.id);
  emitEvent(context, caller, "grant.replayed", { subject: earlier.userId, detail: { client: client.id } });
  const choice = { kind: "authorization", id: earlier.id } as const;
  await endAccountSessions(context, caller, earlier.userId, choice, "code-replayed");
  return null;
}

async function beginClientSession(
  context: IdentityContext,
  caller: Caller,
  client: OAuthClient,
  account: Account,
  { id: authorizationId, scope }: Authorization,
): Promise<{ readonly sessionId: string; readonly answer: SessionAnswer }> {
  const opened = await openSession(context, caller, account, "oauth_provider/authorization_code");
  const { session } = opened;
  const mark = { sessionId: session.id, clientId: client.id, authorizationId, scope };
  // Until it is marked nobody has a token of it; what cannot be marked ends unused.
  if (!(await markClientSession(context.database, mark))) {
    await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, "code-replayed");
    throw refused(context, caller, client, "grant-closed", account.id);
  }
  const marked = { ...session, client: { id: client.id, scope } };
  return { sessionId: session.id, answer: await answerSession(context, opened.account, marked) };
}

/** The scope is what was granted, or less of it; never more (RFC 6749 §6). @throws IdentityError, an OAuth error */
export async function refreshClientSession(
  context: IdentityContext,
  caller: Caller,
  client: OAuthClient,
  { refresh_token: token = "", scope }: TokenRequest,
): Promise<TokenAnswer> {
  if (!client.grantTypes.includes("refresh_token")) {
    throw oauthError("unauthorized_client", "The client is not registered for refresh_token");
  }
  const asked = scope === undefined || scope === "" ? undefined : readScope(scope)?.join(" ");
  if (scope !== undefined && scope !== "" && asked === undefined) {
    emitEvent(context, caller, "grant.refused", { reason: "invalid-scope", detail: { client: client.id } });
    throw oauthError("invalid_scope", "The scope is not offered");
  }
  let granted = "";
  const narrow = (has: string): string => {
    const next = context.rules.scopeAtRefresh(has, asked, isWithinScope);
    if (next === null) {
      emitEvent(context, caller, "grant.refused", { reason: "scope-widened", detail: { client: client.id } });
      throw oauthError("invalid_scope", "The scope is more than was granted");
    }
    granted = next;
    return next;
  };
  try {
    const answer = await refreshSession(context, caller, token, { id: client.id, narrow });
    return await tokenAnswer(context, client, answer, { scope: granted });
  } catch (error) {
    // The session's own refusals (spent, ended, banned, unknown) are one answer here: RFC 6749's invalid_grant.
    if (error instanceof IdentityError && error.oauth === undefined && error.status < 500) {
      throw refused(context, caller, client, error.code);
    }
    throw error;
  }
}

interface AnswerFacts {
  readonly scope: string;
  /** Given where an ID token may be due. */
  readonly account?: Account;
  readonly nonce?: string | null;
}

async function tokenAnswer(
  context: IdentityContext,
  client: OAuthClient,
  { body }: SessionAnswer,
  { account, scope, nonce = null }: AnswerFacts,
): Promise<TokenAnswer> {
  const { access_token: accessToken, expires_in, refresh_token } = body;
  const wantsIdToken = account !== undefined && isWithinScope("openid", scope);
  return {
    access_token: accessToken,
    token_type: "bearer",
    expires_in,
    ...(client.grantTypes.includes("refresh_token") ? { refresh_token } : {}),
    scope,
    ...(wantsIdToken
      ? { id_token: await signIdToken(context, account, { clientId: client.id, scope, nonce, accessToken }) }
      : {}),
  };
}
