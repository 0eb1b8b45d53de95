// The `sb-auth-*` header fields of Supabase Auth's token endpoint: which session a token belongs to, and what became of a spent
// one. They are for whoever reads the log of a server that refreshes for its users, and decide nothing.
import type { Session } from "./session-row.ts";

export type Diagnostics = Readonly<Record<`sb-auth-${string}`, string>>;

/** Why a spent token came back, as far as its age tells. */
export type ReuseCause = "concurrent-refresh" | "fail-to-save";

export const diagnosticsOf = (session: Pick<Session, "userId" | "id" | "refreshCounter">): Diagnostics => ({
  "sb-auth-user-id": session.userId,
  "sb-auth-session-id": session.id,
  "sb-auth-refresh-token-counter": String(session.refreshCounter),
});

export const refreshed: Diagnostics = { "sb-auth-refresh-token-reuse": "false" };

/** A spent token that was answered with the current one. */
export const reused = (cause: ReuseCause): Diagnostics => ({
  "sb-auth-refresh-token-reuse": "true",
  "sb-auth-refresh-token-reuse-cause": cause,
});

/** A spent token that ended its session: Supabase Auth says "rotated" where the whole family goes. */
export const familyEnded: Diagnostics = {
  "sb-auth-refresh-token-reuse": "true",
  "sb-auth-refresh-token-rotated": "true",
};
