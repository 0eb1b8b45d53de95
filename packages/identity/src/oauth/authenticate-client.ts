// Which client asks at the token endpoint (RFC 6749 §2.3): by the one method it was registered with, and never by two.
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { findClient } from "./client-store.ts";
import { type ClientAuthentication, isClientSecret, type OAuthClient } from "./oauth-client.ts";
import { oauthError } from "./oauth-error.ts";

interface Presented {
  readonly id: string;
  readonly secret: string;
  readonly method: ClientAuthentication;
}

const basicPattern = /^Basic +([A-Za-z0-9+/_-]{1,2048}={0,2})$/i;

/** RFC 6749 §2.3.1: both parts are form-encoded before they are joined. */
function decodeBasic(encoded: string): Omit<Presented, "method"> | null {
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (colon === -1) return null;
  try {
    const decode = (part: string) => decodeURIComponent(part.replaceAll("+", " "));
    return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
  } catch {
    // A malformed percent-encoding: no client of ours.
    return null;
  }
}

function presentedBy(
  authorization: string | undefined,
  body: { readonly client_id?: string; readonly client_secret?: string },
): Presented | null {
  const { client_id: id = "", client_secret: secret } = body;
  if (authorization !== undefined) {
    const encoded = basicPattern.exec(authorization)?.[1];
    const basic = encoded === undefined ? null : decodeBasic(encoded);
    if (basic === null || secret !== undefined || (id !== "" && id !== basic.id)) return null;
    return { ...basic, method: "client_secret_basic" };
  }
  if (secret !== undefined) return { id, secret, method: "client_secret_post" };
  return { id, secret: "", method: "none" };
}

/** @throws IdentityError, the OAuth error invalid_client: it does not tell which part was wrong */
export async function authenticateClient(
  context: IdentityContext,
  caller: Caller,
  authorization: string | undefined,
  body: { readonly client_id?: string; readonly client_secret?: string },
): Promise<OAuthClient> {
  const presented = presentedBy(authorization, body);
  const client = presented === null ? null : await findClient(context.database, presented.id);
  const isGenuine =
    client !== null &&
    presented !== null &&
    client.authentication === presented.method &&
    (client.type === "public" || isClientSecret(client, presented.secret));
  if (isGenuine) return client;
  const detail = client === null ? {} : { detail: { client: client.id } };
  emitEvent(context, caller, "grant.refused", { reason: "invalid-client", ...detail });
  throw oauthError("invalid_client", "Client authentication failed");
}
