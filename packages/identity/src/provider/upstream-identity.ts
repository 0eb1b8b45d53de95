// Who a provider says somebody is, and how far its word goes. What it sends is bounded text and nothing else.
import type { ProviderKind } from "@holdfast/policy";
import { isEmailAddress, normaliseEmail } from "../account/email-address.ts";

export interface UpstreamIdentity {
  /** The provider's name in the policy. */
  readonly provider: string;
  readonly kind: ProviderKind;
  /** As the policy pins it. */
  readonly issuer: string;
  /** The provider's own id of the person: with the provider's name it is the identity, and nothing else is. */
  readonly subject: string;
  /** Normalised; null when the provider tells none that is an address. */
  readonly email: string | null;
  /** The provider vouches that the address is the person's. */
  readonly isEmailVerified: boolean;
  /** What the account shows of it, as Supabase Auth names it. */
  readonly data: Readonly<Record<string, string | boolean>>;
}

export type Claims = Readonly<Record<string, unknown>>;

const subjectCharactersMax = 255;
const emailCharactersMax = 320;
const textCharactersMax = 256;
const urlCharactersMax = 2000;

function text(value: unknown, charactersMax = textCharactersMax): string | undefined {
  if (typeof value !== "string" || value === "" || value.length > charactersMax) return undefined;
  return value.isWellFormed() && !value.includes("\0") ? value : undefined;
}

function httpsUrl(value: unknown): string | undefined {
  const url = text(value, urlCharactersMax);
  return url !== undefined && URL.parse(url)?.protocol === "https:" ? url : undefined;
}

/** GitHub numbers its accounts. */
function subjectOf({ sub, id }: Claims): string | undefined {
  if (typeof id === "number" && Number.isSafeInteger(id) && sub === undefined) return String(id);
  return text(sub, subjectCharactersMax);
}

/**
 * Does the provider itself vouch for the address? Azure's `email` is whatever a tenant's administrator wrote, unless
 * `xms_edov` says that the domain's owner was asked; Apple writes booleans as text.
 */
function isVerified(kind: ProviderKind, claims: Claims): boolean {
  if (kind === "azure") return [true, 1, "1", "true"].includes(claims.xms_edov as never);
  return claims.email_verified === true || (kind === "apple" && claims.email_verified === "true");
}

export interface ClaimsOrigin {
  readonly provider: string;
  readonly kind: ProviderKind;
  readonly issuer: string;
}

/** Null when the claims name nobody. */
export function upstreamIdentity({ provider, kind, issuer }: ClaimsOrigin, claims: Claims): UpstreamIdentity | null {
  const subject = subjectOf(claims);
  if (subject === undefined) return null;
  const normalised = normaliseEmail(text(claims.email, emailCharactersMax) ?? "");
  const email = isEmailAddress(normalised) ? normalised : null;
  const isEmailVerified = email !== null && isVerified(kind, claims);
  const shown = {
    email: email ?? undefined,
    ...named("name", "full_name", text(claims.name) ?? text(claims.login)),
    ...named("user_name", "preferred_username", text(claims.preferred_username) ?? text(claims.login)),
    ...named("picture", "avatar_url", httpsUrl(claims.picture) ?? httpsUrl(claims.avatar_url)),
  };
  const known = Object.entries(shown).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const own = {
    iss: issuer,
    sub: subject,
    provider_id: subject,
    email_verified: isEmailVerified,
    phone_verified: false,
  };
  return { provider, kind, issuer, subject, email, isEmailVerified, data: { ...Object.fromEntries(known), ...own } };
}

/** Supabase Auth shows each of these under two names. */
const named = (one: string, other: string, value: string | undefined) => ({ [one]: value, [other]: value });
