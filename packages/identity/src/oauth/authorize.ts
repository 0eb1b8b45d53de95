// A client sends somebody's browser here (RFC 6749 §4.1.1, OAuth 2.1). Until client and redirect URI are known to be one of
// ours nothing is redirected anywhere; afterwards the client is told what was wrong.
import { randomUUID } from "node:crypto";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { insertAuthorization } from "./authorization-store.ts";
import { findClient } from "./client-store.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { oauthError } from "./oauth-error.ts";
import { defaultScope, isWithinScope, readScope } from "./oauth-scope.ts";

export interface AuthorizeQuery {
  readonly client_id?: string;
  readonly redirect_uri?: string;
  readonly response_type?: string;
  readonly scope?: string;
  readonly state?: string;
  readonly nonce?: string;
  readonly code_challenge?: string;
  readonly code_challenge_method?: string;
}

const authorizationMs = 600_000;
const echoCharactersMax = 512;

interface Fault {
  readonly error: string;
  readonly description: string;
}

/** Where the browser goes next: to the consent page, or back to the client. @throws IdentityError, an OAuth error */
export async function authorize(context: IdentityContext, caller: Caller, query: AuthorizeQuery): Promise<string> {
  const { client, redirectUri } = await knownClient(context, caller, query);
  const { state, nonce } = query;
  const asked = readScope(query.scope ?? defaultScope);
  const fault = faultOf(context, client, query, asked);
  if (fault !== null || asked === null) {
    const reason = fault?.error.replaceAll("_", "-") ?? "invalid-scope";
    emitEvent(context, caller, "grant.refused", { reason, detail: { client: client.id } });
    return backToClient(context, redirectUri, state ?? null, {
      error: fault?.error ?? "invalid_scope",
      error_description: fault?.description ?? "The scope is not offered",
    });
  }
  const id = randomUUID();
  const now = context.now();
  const authorization = {
    id,
    clientId: client.id,
    userId: null,
    redirectUri,
    scope: asked.join(" "),
    state: state ?? null,
    nonce: nonce ?? null,
    codeChallenge: query.code_challenge ?? "",
  };
  await insertAuthorization(context.database, authorization, now, now + authorizationMs);
  return `${context.policy.application.origin}/oauth/consent?authorization_id=${id}`;
}

async function knownClient(
  context: IdentityContext,
  caller: Caller,
  query: AuthorizeQuery,
): Promise<{ readonly client: OAuthClient; readonly redirectUri: string }> {
  const client = await findClient(context.database, query.client_id ?? "");
  if (client === null) {
    emitEvent(context, caller, "grant.refused", { reason: "client-unknown" });
    throw oauthError("invalid_request", "The client is not known");
  }
  const { redirect_uri: redirectUri } = query;
  if (redirectUri === undefined || !context.rules.isRegisteredRedirect(client.redirectUris, redirectUri)) {
    emitEvent(context, caller, "grant.refused", { reason: "redirect-unknown", detail: { client: client.id } });
    throw oauthError("invalid_request", "redirect_uri is not one of the client's");
  }
  return { client, redirectUri };
}

function faultOf(
  context: IdentityContext,
  client: OAuthClient,
  query: AuthorizeQuery,
  asked: readonly string[] | null,
): Fault | null {
  if (query.response_type !== "code") {
    return { error: "unsupported_response_type", description: "response_type must be code" };
  }
  if ([query.state, query.nonce].some((text) => (text ?? "").length > echoCharactersMax)) {
    return { error: "invalid_request", description: `state and nonce have at most ${echoCharactersMax} characters` };
  }
  if (!context.rules.isChallengeEnough(query.code_challenge, query.code_challenge_method)) {
    return { error: "invalid_request", description: "PKCE with code_challenge_method S256 is required" };
  }
  if (asked === null || !isWithinScope(asked.join(" "), client.scope)) {
    return { error: "invalid_scope", description: "The scope is not offered to this client" };
  }
  return null;
}

/** The client's redirect URI with our answer and our name in it (RFC 9207: no mix-up). */
export function backToClient(
  context: IdentityContext,
  redirectUri: string,
  state: string | null,
  parameters: Readonly<Record<string, string>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (state !== null) url.searchParams.set("state", state);
  url.searchParams.set("iss", context.issuer);
  return url.href;
}
