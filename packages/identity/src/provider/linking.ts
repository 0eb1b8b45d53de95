// What becomes of somebody a provider vouches for, when no account has that identity yet. An address alone opens no account:
// it must be verified, by a provider that is the authority for it, and the account must have proven the address as well
// (CVE-2026-31813, GHSA-g38m-r43w-p2q7).
import type { ProviderKind } from "@holdfast/policy";

export interface LinkCandidate {
  readonly kind: ProviderKind;
  /** Null: the provider tells none. */
  readonly email: string | null;
  /** The provider says that the address is the person's. */
  readonly isVerified: boolean;
  /** The policy trusts this provider's word about addresses, although nobody knows whom it asks. */
  readonly isTrusted: boolean;
  /** The living account with that address; unused: nobody ever signed in to it, and it holds no more than any new account. */
  readonly existing: { readonly isConfirmed: boolean; readonly isUnused: boolean } | null;
}

export type Linking =
  /** A new account with the address. */
  | "create"
  /** A new account without it: nobody whose word counts says that the address is theirs. */
  | "create-without-address"
  /** The identity joins the account. */
  | "link"
  /** The account is a sign-up that nobody ever confirmed or used: it makes way. */
  | "replace"
  /** The person signs in the way they did before, and links from there. */
  | "refuse";

/**
 * Google, GitHub and Apple ask whoever has the mailbox; Azure says so by `xms_edov`. Of other issuers nobody knows whom they
 * ask: their word makes no account with an address, which the owner of the mailbox might later be linked to, unless the policy
 * says of that one issuer that it asks them (`trustEmail`).
 */
const isAuthority: Readonly<Record<ProviderKind, boolean>> = {
  google: true,
  github: true,
  apple: true,
  azure: true,
  oidc: false,
};

export function linking({ kind, email, isVerified, isTrusted, existing }: LinkCandidate): Linking {
  if (email === null || !isVerified || !(isAuthority[kind] || isTrusted)) return "create-without-address";
  if (existing === null) return "create";
  if (existing.isConfirmed) return "link";
  return existing.isUnused ? "replace" : "refuse";
}
