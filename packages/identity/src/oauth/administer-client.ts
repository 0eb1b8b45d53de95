// Clients are made, changed and removed by an administrator; one that may register itself gets the least.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { ownersOfClientSessions } from "./authorization-store.ts";
import type { ClientWish } from "./client-input.ts";
import { deleteClient, findClient, insertClient, updateClient } from "./client-store.ts";
import { hashSecret, makeClientSecret, type OAuthClient } from "./oauth-client.ts";
import { offeredScopes } from "./oauth-scope.ts";

export interface ClientWithSecret {
  readonly client: OAuthClient;
  /** Absent for a public client. */
  readonly secret?: string;
}

/** @throws IdentityError oauth_client_not_found */
export async function requireClient(context: IdentityContext, id: string): Promise<OAuthClient> {
  const client = await findClient(context.database, id);
  if (client === null) throw new IdentityError("oauth_client_not_found");
  return client;
}

/** @throws IdentityError validation_failed */
export async function createClient(
  context: IdentityContext,
  caller: Caller,
  wish: ClientWish,
  registration: OAuthClient["registration"],
): Promise<ClientWithSecret> {
  const { name, redirectUris, authentication = "client_secret_basic" } = wish;
  if (name === undefined || redirectUris === undefined) {
    throw new IdentityError("validation_failed", { message: "client_name and redirect_uris are required" });
  }
  const secret = authentication === "none" ? undefined : makeClientSecret();
  const now = context.now();
  const client: OAuthClient = {
    id: randomUUID(),
    name,
    type: secret === undefined ? "public" : "confidential",
    authentication,
    registration,
    secretHash: secret === undefined ? null : hashSecret(secret),
    uri: wish.uri ?? null,
    logoUri: wish.logoUri ?? null,
    redirectUris,
    grantTypes: wish.grantTypes ?? ["authorization_code", "refresh_token"],
    scope: wish.scope ?? offeredScopes.join(" "),
    createdAt: now,
    updatedAt: now,
  };
  await insertClient(context.database, client);
  emitEvent(context, caller, "client.changed", {
    reason: registration === "dynamic" ? "registered-itself" : "created",
    detail: { client: client.id },
  });
  return secret === undefined ? { client } : { client, secret };
}

/** @throws IdentityError oauth_client_not_found, validation_failed */
export async function changeClient(
  context: IdentityContext,
  caller: Caller,
  id: string,
  wish: ClientWish,
): Promise<OAuthClient> {
  const before = await requireClient(context, id);
  const authentication = wish.authentication ?? before.authentication;
  if ((authentication === "none") !== (before.type === "public")) {
    const message = "A public client cannot become confidential, nor the other way round; make a new one";
    throw new IdentityError("validation_failed", { message });
  }
  const wanted: OAuthClient = {
    ...before,
    authentication,
    name: wish.name ?? before.name,
    uri: wish.uri ?? before.uri,
    logoUri: wish.logoUri ?? before.logoUri,
    redirectUris: wish.redirectUris ?? before.redirectUris,
    grantTypes: wish.grantTypes ?? before.grantTypes,
  };
  return await storeClient(context, caller, wanted, "changed");
}

/** The old secret ends with this. @throws IdentityError oauth_client_not_found, validation_failed */
export async function replaceClientSecret(
  context: IdentityContext,
  caller: Caller,
  id: string,
): Promise<ClientWithSecret> {
  const before = await requireClient(context, id);
  if (before.type === "public") {
    throw new IdentityError("validation_failed", { message: "A public client has no secret" });
  }
  const secret = makeClientSecret();
  const wanted = { ...before, secretHash: hashSecret(secret) };
  return { client: await storeClient(context, caller, wanted, "secret-replaced"), secret };
}

async function storeClient(
  context: IdentityContext,
  caller: Caller,
  wanted: OAuthClient,
  reason: "changed" | "secret-replaced",
): Promise<OAuthClient> {
  const client = await updateClient(context.database, wanted, context.now());
  if (client === null) throw new IdentityError("oauth_client_not_found");
  emitEvent(context, caller, "client.changed", { reason, detail: { client: client.id } });
  return client;
}

/** Its sessions end first: what a client was granted never outlives it. @throws IdentityError oauth_client_not_found, conflict */
export async function removeClient(context: IdentityContext, caller: Caller, id: string): Promise<void> {
  await requireClient(context, id);
  for (const userId of await ownersOfClientSessions(context.database, id)) {
    await endAccountSessions(context, caller, userId, { kind: "client", id }, "grant-removed");
  }
  if (!(await deleteClient(context.database, id))) throw new IdentityError("oauth_client_not_found");
  emitEvent(context, caller, "client.changed", { reason: "removed", detail: { client: id } });
}
