// A client of the OAuth 2.1 server, and how auth-js reads it (RFC 7591 names).
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

export type ClientAuthentication = "none" | "client_secret_basic" | "client_secret_post";

export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  readonly type: "public" | "confidential";
  readonly authentication: ClientAuthentication;
  readonly registration: "manual" | "dynamic";
  readonly secretHash: Buffer | null;
  readonly uri: string | null;
  readonly logoUri: string | null;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly scope: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

const secretBytes = 32;

export const makeClientSecret = (): string => randomBytes(secretBytes).toString("base64url");

/** The secret is 256 random bits: there is nothing to guess, so a fast hash is enough. */
export const hashSecret = (secret: string): Buffer => createHash("sha256").update(secret).digest();

export const isClientSecret = (client: OAuthClient, given: string): boolean =>
  client.secretHash !== null && timingSafeEqual(client.secretHash, hashSecret(given));

const optional = (name: string, value: string | null | undefined) =>
  value === null || value === undefined ? {} : { [name]: value };

/** The secret is shown when it is made, and never again. */
export const clientJson = (client: OAuthClient, secret?: string) => ({
  client_id: client.id,
  client_name: client.name,
  ...optional("client_secret", secret),
  client_type: client.type,
  token_endpoint_auth_method: client.authentication,
  registration_type: client.registration,
  ...optional("client_uri", client.uri),
  ...optional("logo_uri", client.logoUri),
  redirect_uris: client.redirectUris,
  grant_types: client.grantTypes,
  response_types: ["code"],
  scope: client.scope,
  created_at: new Date(client.createdAt).toISOString(),
  updated_at: new Date(client.updatedAt).toISOString(),
});

/** What a person who is asked for consent sees of the client. */
export const clientSummary = (client: OAuthClient) => ({
  id: client.id,
  name: client.name,
  uri: client.uri ?? "",
  logo_uri: client.logoUri ?? "",
});
