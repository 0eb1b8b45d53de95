// The JSON shapes about people, roles and access: identity's own, and what the policy says beside them. Types only, like shapes.ts,
// which passes them on.
import type { PersonSession, RoleRequest, Person as StoredPerson } from "@holdfast/identity/people";
import type { Right } from "@holdfast/policy";
import type { EventRecord } from "../events/event-record.ts";

export type {
  Decision,
  HeldRole,
  OpenSession,
  OpenSessionPage,
  PersonFactor,
  PersonPasskey,
  PersonSession,
  RoleOutcome,
  RoleRequest,
} from "@holdfast/identity/people";
export type { Right };

export interface Person extends StoredPerson {
  /** It holds a role that needs approval. */
  readonly isPrivileged: boolean;
}

/**
 * GET /platform/v1/people?search&role&privileged&protection&cursor&limit, newest first. `search`: the beginning of an address, or
 * an id. `protection`: `some` or `none`, a second factor or a passkey. `privileged=yes`: who holds a role that needs approval.
 */
export interface PeoplePage {
  readonly people: readonly Person[];
  readonly next: string | null;
}

/** GET /platform/v1/people/:id */
export interface PersonDetail {
  readonly person: Person;
  readonly sessions: readonly PersonSession[];
}

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
  /** How many accounts hold exactly these; null where accounts live in a hosted project, which tells nobody. */
  readonly people: number | null;
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
