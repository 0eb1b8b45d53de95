import type { Session } from "../session/session-row.ts";

/** Ours, beside Supabase's user: who acts in this session, why, and until when, for a banner. Nothing in a person's own session. */
export const actJson = ({ actor, notAfter }: Pick<Session, "actor" | "notAfter">): Readonly<Record<string, unknown>> =>
  actor === null ? {} : { act: { sub: actor.id, reason: actor.reason, not_after: new Date(notAfter).toISOString() } };
