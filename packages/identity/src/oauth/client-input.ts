// What a client may be registered as, by an administrator or by itself (RFC 7591). Redirect URIs are exact and absolute.

import { isLoopbackHost } from "../egress/address-range.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { ClientAuthentication } from "./oauth-client.ts";
import { offeredScopes, readScope } from "./oauth-scope.ts";

const nameCharactersMax = 256;
const uriCharactersMax = 2000;
const urisMax = 10;

const textSchema = { type: "string", maxLength: uriCharactersMax } as const;

export const clientBody = {
  type: "object",
  properties: {
    client_name: { type: "string", minLength: 1, maxLength: nameCharactersMax },
    client_uri: textSchema,
    logo_uri: textSchema,
    redirect_uris: { type: "array", minItems: 1, maxItems: urisMax, items: textSchema },
    grant_types: { type: "array", maxItems: 5, items: textSchema },
    response_types: { type: "array", maxItems: 5, items: textSchema },
    scope: textSchema,
    token_endpoint_auth_method: textSchema,
  },
} as const;

export interface ClientBody {
  readonly client_name?: string;
  readonly client_uri?: string;
  readonly logo_uri?: string;
  readonly redirect_uris?: readonly string[];
  readonly grant_types?: readonly string[];
  readonly response_types?: readonly string[];
  readonly scope?: string;
  readonly token_endpoint_auth_method?: string;
}

export interface ClientWish {
  readonly name?: string;
  readonly uri?: string;
  readonly logoUri?: string;
  readonly redirectUris?: readonly string[];
  readonly grantTypes?: readonly string[];
  readonly scope?: string;
  readonly authentication?: ClientAuthentication;
}

const refuse = (message: string) => new IdentityError("validation_failed", { message });

/** An app of a device has a scheme of its own, which must be a domain's in reverse (RFC 8252 §7.1). */
const privateSchemePattern = /^[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:$/;

/** Exact, absolute, without fragment or user information; https, or this machine, or an app's own scheme. */
export function isRedirectUri(text: string): boolean {
  if (text.length > uriCharactersMax || !/^[\x21-\x7e]+$/.test(text) || text.includes("*") || text.includes("#"))
    return false;
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  if (url.protocol === "https:") return true;
  if (url.protocol === "http:") return isLoopbackHost(url.hostname);
  return privateSchemePattern.test(url.protocol);
}

function readLink(name: string, text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.username !== "") throw refuse(`${name} must be an https URL`);
  return text;
}

const grantTypesOffered = ["authorization_code", "refresh_token"];
const authentications: readonly string[] = ["none", "client_secret_basic", "client_secret_post"];

const isAuthentication = (text: string): text is ClientAuthentication => authentications.includes(text);

/** @throws IdentityError validation_failed */
export function readClientWish(body: ClientBody): ClientWish {
  const { client_name: name, redirect_uris: redirectUris, grant_types: grantTypes, scope } = body;
  const { token_endpoint_auth_method: authentication, response_types: responseTypes } = body;
  const foreign = redirectUris?.find((uri) => !isRedirectUri(uri));
  if (foreign !== undefined)
    throw refuse("redirect_uris must be exact https URLs, loopback URLs or private-use schemes");
  if (
    grantTypes?.some((type) => !grantTypesOffered.includes(type)) ||
    grantTypes?.includes("authorization_code") === false
  ) {
    throw refuse("grant_types may hold authorization_code and refresh_token");
  }
  if (responseTypes?.some((type) => type !== "code")) throw refuse("response_types may hold code only");
  if (authentication !== undefined && !isAuthentication(authentication)) {
    throw refuse(`token_endpoint_auth_method must be one of ${authentications.join(", ")}`);
  }
  const scopes = scope === undefined || scope === "" ? undefined : readScope(scope);
  if (scopes === null) throw refuse(`scope may hold ${offeredScopes.join(", ")}`);
  const uri = readLink("client_uri", body.client_uri);
  const logoUri = readLink("logo_uri", body.logo_uri);
  return {
    ...(name === undefined ? {} : { name }),
    ...(uri === undefined ? {} : { uri }),
    ...(logoUri === undefined ? {} : { logoUri }),
    ...(redirectUris === undefined ? {} : { redirectUris: [...new Set(redirectUris)] }),
    ...(grantTypes === undefined ? {} : { grantTypes: [...new Set(grantTypes)] }),
    ...(scopes === undefined ? {} : { scope: scopes.join(" ") }),
    ...(authentication === undefined ? {} : { authentication }),
  };
}
