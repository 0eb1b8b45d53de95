// What the browser knows about who is signed in. No token is part of it: tokens live in HttpOnly cookies only.
import type { Assurance, Subject } from "@holdfast/policy";

/** A second factor of the account, in Supabase Auth's shape. */
export interface Factor {
  readonly id: string;
  readonly factor_type: string;
  readonly status: "verified" | "unverified";
  readonly friendly_name?: string;
  readonly created_at?: string;
  /** The number of one by text message, without its plus sign. */
  readonly phone?: string;
}

/** The account, in Supabase Auth's shape. */
export interface User {
  readonly id: string;
  readonly email: string;
  /** An address that was asked for and is not confirmed yet. */
  readonly new_email?: string;
  readonly created_at?: string;
  readonly app_metadata: { readonly roles?: readonly string[]; readonly [key: string]: unknown };
  readonly user_metadata: Readonly<Record<string, unknown>>;
  readonly factors?: readonly Factor[];
  /** Present where an administrator acts as this person: who, why, and until when. */
  readonly act?: { readonly sub: string; readonly reason: string; readonly not_after: string };
  readonly identities?: readonly {
    readonly identity_id: string;
    readonly provider: string;
    readonly identity_data?: Readonly<Record<string, unknown>>;
    readonly created_at?: string;
  }[];
}

/**
 * `loading`: nothing is known yet, so nothing is shown. `unreachable`: the identity service gave no answer, so nobody is taken
 * for signed in, but the session may still live.
 */
export type AuthStatus = "loading" | "signed-out" | "signed-in" | "unreachable";

export interface AuthState {
  readonly status: AuthStatus;
  readonly user: User | null;
  /** Roles granted to the account. Whether one counts is decided by the policy: use `can` or `allows`. */
  readonly roles: readonly string[];
  readonly assurance: Assurance;
  /** The account has a verified second factor that this session has not passed yet. */
  readonly secondFactorPending: boolean;
  readonly subject: Subject;
}

const anonymous: Subject = { id: null, kind: "anonymous", roles: [], assurance: "aal1", sessionId: null };

/** The state without a session. */
export function stateWithout(status: Exclude<AuthStatus, "signed-in">): AuthState {
  return { status, user: null, roles: [], assurance: "aal1", secondFactorPending: false, subject: anonymous };
}

/** The state of a session of `user` at `assurance`. */
export function stateWith(user: User, assurance: Assurance): AuthState {
  const roles = grantedRoles(user);
  return {
    status: "signed-in",
    user,
    roles,
    assurance,
    secondFactorPending: assurance === "aal1" && hasVerifiedFactor(user),
    subject: { id: user.id, kind: "person", roles, assurance, sessionId: null },
  };
}

export function hasVerifiedFactor(user: User): boolean {
  return (user.factors ?? []).some((factor) => factor.status === "verified");
}

/** Roles come from `app_metadata`, which only an administrator can write; never from `user_metadata`. */
function grantedRoles(user: User): readonly string[] {
  const roles: unknown = user.app_metadata.roles;
  return Array.isArray(roles) ? roles.filter((role): role is string => typeof role === "string") : [];
}
