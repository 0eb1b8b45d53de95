// What an administrator sees of people. Types only: pages read them too.
import type { Assurance } from "@holdfast/policy";

export interface PeopleQuery {
  /** The beginning of an address, or an id. */
  readonly search?: string;
  /** One of these roles. */
  readonly roles?: readonly string[];
  /** With a factor or passkey that the policy offers, or with nothing besides a password. */
  readonly protection?: Protection;
  /** The `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

export type Protection = "some" | "none";

export interface HeldRole {
  readonly role: string;
  /** Null where it is not known: the role was there from the beginning, or a program set it. */
  readonly grantedAt: number | null;
  readonly grantedBy: string | null;
  readonly approvedBy: string | null;
  readonly reason: string | null;
  readonly until: number | null;
}

export interface PersonFactor {
  readonly id: string;
  readonly name: string;
  /** `totp`, `webauthn`, `phone` or `recovery_code`. */
  readonly type: string;
  readonly status: "unverified" | "verified";
  readonly createdAt: number;
  /** Null until it is proven for the first time after its enrolment. */
  readonly lastUsedAt: number | null;
}

export interface PersonPasskey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Null until it signs in for the first time. */
  readonly lastUsedAt: number | null;
}

export interface Person {
  readonly id: string;
  /** Empty when the account has none. */
  readonly email: string;
  readonly emailConfirmedAt: number | null;
  readonly createdAt: number;
  readonly lastSignInAt: number | null;
  readonly bannedUntil: number | null;
  readonly roles: readonly HeldRole[];
  readonly factors: readonly PersonFactor[];
  /** Each is a sign-in of two factors by itself; a security key is among the factors instead. */
  readonly passkeys: readonly PersonPasskey[];
  /** The strongest thing that signs in or is asked for, of those that the policy lets protect an account. */
  readonly protection: "factor" | "passkey" | "none";
  readonly sessions: number;
}

export interface PeoplePage {
  readonly people: readonly Person[];
  readonly next: string | null;
}

/** A session of anybody, alive at the moment it was asked for. */
export interface PersonSession {
  readonly id: string;
  readonly createdAt: number;
  readonly refreshedAt: number;
  /** When it ends if nobody uses it, or at the latest. */
  readonly endsAt: number;
  /** What it is worth now. */
  readonly assurance: Assurance;
  /** Such as "Firefox on Linux", read from what the browser calls itself: a hint and no proof. */
  readonly device: string;
  readonly userAgent: string;
  readonly address: string;
  /** The /24 or /64 of the address; "" where there is none. No place is claimed. */
  readonly network: string;
  /** Who acts in the account's name in this session, and why; null for the person's own. */
  readonly actor: { readonly id: string; readonly reason: string } | null;
  /** Id of the OAuth client whose session it is; null for the person's own. */
  readonly client: string | null;
}

export interface SessionsQuery {
  /** The beginning of the person's address, or their id. */
  readonly search?: string;
  /** The `next` of the page before. */
  readonly cursor?: string;
  readonly limit: number;
}

/** A session with whose it is. */
export interface OpenSession extends PersonSession {
  readonly person: { readonly id: string; readonly email: string };
}

export interface OpenSessionPage {
  readonly sessions: readonly OpenSession[];
  readonly next: string | null;
}

export type Decision = "approved" | "refused" | "withdrawn" | "expired";

/** Who asked for a role, for whom, and what became of it. */
export interface RoleRequest {
  readonly id: string;
  readonly userId: string;
  readonly role: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly until: number | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly decidedAt: number | null;
  readonly decidedBy: string | null;
  readonly decision: Decision | null;
  readonly note: string;
}

/** What became of a wish for a role. */
export type RoleOutcome = { readonly kind: "granted" } | { readonly kind: "requested"; readonly request: RoleRequest };
