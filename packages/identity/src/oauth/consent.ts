// A person looks at what a client asks for, and decides. Only the person's own session may: a client's token never approves
// anything, and where there is a second factor it must have been shown.
import { createHash, randomBytes } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { issueOnce } from "../once/once.ts";
import { type Authenticated, requireSecondFactor } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import {
  type Authorization,
  claimAuthorization,
  decideAuthorization,
  findConsent,
  listConsents,
  removeConsent,
} from "./authorization-store.ts";
import { backToClient } from "./authorize.ts";
import { findClient } from "./client-store.ts";
import { clientSummary, type OAuthClient } from "./oauth-client.ts";
import { isWithinScope, joinScopes } from "./oauth-scope.ts";

/** RFC 9700 §2.1.1 and OAuth 2.1 §4.1.2: short, since the client redeems at once. */
const codeSeconds = 60;
const codeBytes = 32;

export const hashCode = (code: string): Buffer => createHash("sha256").update(code).digest();

async function pending(
  context: IdentityContext,
  who: Authenticated,
  id: string,
): Promise<{ readonly authorization: Authorization; readonly client: OAuthClient }> {
  const authorization = await claimAuthorization(context.database, id, who.account.id, context.now());
  const client = authorization === null ? null : await findClient(context.database, authorization.clientId);
  if (authorization === null || client === null) throw new IdentityError("oauth_authorization_not_found");
  return { authorization, client };
}

/**
 * What is asked for, or, for a confidential client that was granted all of it before, where to go at once. A public client
 * proves nothing about itself, so it is asked for each time (RFC 9700 §4.14, RFC 8252 §8.6).
 * @throws IdentityError oauth_authorization_not_found
 */
export async function describeAuthorization(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  id: string,
): Promise<Record<string, unknown>> {
  const { authorization, client } = await pending(context, who, id);
  const consent = await findConsent(context.database, who.account.id, client.id);
  if (client.type === "confidential" && consent !== null && isWithinScope(authorization.scope, consent.scope)) {
    requireSecondFactor(context, caller, who);
    return { redirect_url: await approve(context, caller, who, authorization) };
  }
  return {
    authorization_id: authorization.id,
    redirect_uri: authorization.redirectUri,
    client: clientSummary(client),
    user: { id: who.account.id, email: who.account.email },
    scope: authorization.scope,
  };
}

/** Where the browser goes next. @throws IdentityError oauth_authorization_not_found, insufficient_aal */
export async function decideConsent(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  id: string,
  action: "approve" | "deny",
): Promise<string> {
  const { authorization } = await pending(context, who, id);
  if (action === "approve") {
    requireSecondFactor(context, caller, who);
    return await approve(context, caller, who, authorization);
  }
  const denied = await decideAuthorization(context.database, id, who.account.id, { status: "denied" }, context.now());
  if (denied === null) throw new IdentityError("oauth_authorization_not_found");
  emitEvent(context, caller, "grant.refused", {
    subject: who.account.id,
    sessionId: who.session.id,
    reason: "denied",
    detail: { client: denied.clientId },
  });
  const parameters = { error: "access_denied", error_description: "The person refused" };
  return backToClient(context, denied.redirectUri, denied.state, parameters);
}

async function approve(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { id, clientId, scope }: Authorization,
): Promise<string> {
  const code = randomBytes(codeBytes).toString("base64url");
  const before = await findConsent(context.database, who.account.id, clientId);
  const decision = {
    status: "approved",
    codeHash: hashCode(code),
    scope: before === null ? scope : joinScopes(before.scope, scope),
  } as const;
  const approved = await decideAuthorization(context.database, id, who.account.id, decision, context.now());
  if (approved === null) throw new IdentityError("oauth_authorization_not_found");
  await issueOnce(context, {
    purpose: "authorization-code",
    subject: clientId,
    userId: who.account.id,
    seconds: codeSeconds,
    payload: { authorizationId: id },
    secret: { given: code },
  });
  emitEvent(context, caller, "grant.given", {
    subject: who.account.id,
    sessionId: who.session.id,
    detail: { client: clientId, scope },
  });
  return backToClient(context, approved.redirectUri, approved.state, { code });
}

/** What the person granted to whom, as auth-js reads it. */
export async function describeGrants(context: IdentityContext, userId: string): Promise<readonly unknown[]> {
  const grants: unknown[] = [];
  for (const { clientId, scope, grantedAt } of await listConsents(context.database, userId)) {
    const client = await findClient(context.database, clientId);
    if (client === null) continue;
    const granted_at = new Date(grantedAt).toISOString();
    grants.push({ client: clientSummary(client), scopes: scope.split(" "), granted_at });
  }
  return grants;
}

/** Takes a grant back; the client's sessions end at once. @throws IdentityError oauth_consent_not_found */
export async function revokeGrant(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  clientId: string,
): Promise<void> {
  const isRemoved = await removeConsent(context.database, who.account.id, clientId);
  if (!isRemoved) throw new IdentityError("oauth_consent_not_found");
  const facts = { subject: who.account.id, sessionId: who.session.id, detail: { client: clientId } };
  emitEvent(context, caller, "grant.removed", facts);
  await endAccountSessions(context, caller, who.account.id, { kind: "client", id: clientId }, "grant-removed");
}
