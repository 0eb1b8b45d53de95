// The JSON shapes about people, roles and access. Types only, like shapes.ts, which passes them on.
import type { Right } from "@holdfast/policy";
import type { EventRecord } from "../events/event-record.ts";

export type { Right };

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
  readonly type: string;
  readonly status: "unverified" | "verified";
  readonly createdAt: number;
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
  /** It holds a role that needs approval. */
  readonly isPrivileged: boolean;
  readonly factors: readonly PersonFactor[];
  /** Each is a sign-in of two factors by itself; a security key is among the factors instead. */
  readonly passkeys: readonly PersonPasskey[];
  /** The strongest thing that signs in or is asked for, of those that the policy lets protect an account. */
  readonly protection: "factor" | "passkey" | "none";
  readonly sessions: number;
}

/** GET /platform/v1/people?search&role&cursor&limit, newest first. `search`: the beginning of an address, or an id. */
export interface PeoplePage {
  readonly people: readonly Person[];
  readonly next: string | null;
}

export interface PersonSession {
  readonly id: string;
  readonly createdAt: number;
  readonly refreshedAt: number;
  readonly notAfter: number;
  readonly userAgent: string;
  readonly address: string;
  /** Who acts in the account's name in this session, and why; null for the person's own. */
  readonly actor: { readonly id: string; readonly reason: string } | null;
}

/** GET /platform/v1/people/:id */
export interface PersonDetail {
  readonly person: Person;
  readonly sessions: readonly PersonSession[];
}

/** POST /platform/v1/people/:id/roles */
export type RoleOutcome = { readonly kind: "granted" } | { readonly kind: "requested"; readonly request: RoleRequest };

export interface RoleView {
  readonly name: string;
  readonly includes: readonly string[];
  readonly requires: "aal1" | "aal2";
  readonly approval: boolean;
  /** Accounts that hold it themselves. */
  readonly people: number;
  /** It may use the console. */
  readonly isAdministrator: boolean;
}

/** GET /platform/v1/roles */
export interface RoleList {
  readonly roles: readonly RoleView[];
}

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
  readonly decision: "approved" | "refused" | "withdrawn" | "expired" | null;
  readonly note: string;
}

export interface RoleRequestView extends RoleRequest {
  readonly email: string;
  readonly requestedByEmail: string;
  /** Whoever reads this may decide about it. */
  readonly mayDecide: boolean;
}

/** GET /platform/v1/role-requests?state=open|all */
export interface RoleRequestList {
  readonly requests: readonly RoleRequestView[];
}

export interface ProviderView {
  /** `password`, `email`, `passkey`, `anonymous`, or the name of a provider in the policy. */
  readonly name: string;
  readonly isOn: boolean;
  /** Where the policy says so. */
  readonly path: string;
  readonly detail: string;
}

/** GET /platform/v1/providers: how people can sign in. */
export interface ProviderList {
  readonly providers: readonly ProviderView[];
}

/** GET /platform/v1/sign-ins?cursor&limit: what identity decided about signing in, newest first. */
export interface SignInPage {
  readonly events: readonly EventRecord[];
  readonly next: number | null;
}

/** People who hold exactly these roles, and what the policy lets them do. */
export interface AccessClass {
  readonly roles: readonly string[];
  readonly people: number;
  readonly rights: readonly Right[];
}

export interface FlaggedPerson {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly string[];
  readonly lastSignInAt: number | null;
  readonly reasons: readonly ("unused" | "no-second-factor")[];
}

export interface AccessReview {
  readonly at: number;
  readonly by: string;
  readonly note: string;
  readonly policyHash: string;
}

/** GET /platform/v1/access?who&what. `who`: an address or id; `what`: an action such as `GET /api/content` or `content.update`. */
export interface AccessReport {
  readonly policyHash: string;
  readonly who: Person | null;
  readonly classes: readonly AccessClass[];
  readonly flagged: readonly FlaggedPerson[];
  /** The newest review that somebody signed off. */
  readonly reviewed: AccessReview | null;
}
