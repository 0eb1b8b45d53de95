// The session of a hosted Supabase project, as its own client keeps it: what of that client's `auth` is used here.
import type { Assurance } from "@holdfast/policy";
import type { User } from "./auth-state.ts";

export interface HostedSession {
  readonly access_token: string;
  /** Seconds since 1970. */
  readonly expires_at?: number | undefined;
  readonly user: unknown;
}

interface SessionResult {
  readonly data: { readonly session: HostedSession | null };
  readonly error: unknown;
}

/** `createClient(…).auth` of @supabase/supabase-js, or a GoTrueClient of @supabase/auth-js. */
export interface HostedAuth {
  getSession(): Promise<SessionResult>;
  refreshSession(): Promise<SessionResult>;
  signInWithPassword(credentials: { readonly email: string; readonly password: string }): Promise<SessionResult>;
  signOut(options?: { readonly scope?: "local" | "global" | "others" }): Promise<{ readonly error: unknown }>;
  onAuthStateChange(listener: (event: string, session: HostedSession | null) => void): {
    readonly data: { readonly subscription: { unsubscribe(): void } };
  };
}

export interface HostedAccount {
  readonly user: User;
  readonly assurance: Assurance;
}

/**
 * Who the token says somebody is: the server decides by nothing else. Null when it is no token that can be read. Nothing is
 * verified here; what a browser decides only hides.
 */
export function accountOf({ access_token: token, user }: HostedSession): HostedAccount | null {
  const claims = readClaims(token);
  if (claims === null || typeof claims.sub !== "string" || !isUser(user) || user.id !== claims.sub) return null;
  const roles = (claims.app_metadata as { readonly roles?: unknown } | undefined)?.roles;
  const granted = Array.isArray(roles) ? roles.filter((role): role is string => typeof role === "string") : [];
  return {
    user: { ...user, app_metadata: { ...user.app_metadata, roles: granted } },
    assurance: claims.aal === "aal2" ? "aal2" : "aal1",
  };
}

const isUser = (user: unknown): user is User =>
  typeof user === "object" && user !== null && typeof (user as { readonly id?: unknown }).id === "string";

function readClaims(token: string): Readonly<Record<string, unknown>> | null {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : null;
  } catch {
    // No token: nobody is signed in with it.
    return null;
  }
}
