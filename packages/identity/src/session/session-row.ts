// A session as identity thinks of it, and how SQL returns one.
import type { AuthenticationMethod } from "../token/access-token.ts";

export interface Session {
  readonly id: string;
  readonly userId: string;
  /** Newest first. What the session is worth is computed from it at each use (assurance.ts). */
  readonly amr: readonly AuthenticationMethod[];
  readonly refreshCounter: number;
  readonly refreshSalt: Buffer;
  readonly rotatedAt: number;
  readonly refreshedAt: number;
  readonly notAfter: number;
  readonly userAgent: string;
  readonly address: string;
  readonly createdAt: number;
  /** The OAuth client whose session it is, with what it was granted; null for the person's own. */
  readonly client: SessionClient | null;
  /** The administrator who acts in the account's name (RFC 8693 §4.1), from which session of theirs, and why; null otherwise. */
  readonly actor: SessionActor | null;
}

export interface SessionActor {
  readonly id: string;
  readonly sessionId: string;
  readonly reason: string;
}

export interface SessionClient {
  readonly id: string;
  readonly scope: string;
}

export interface SessionRow {
  readonly session_id: string;
  readonly user_id: string;
  readonly amr: readonly AuthenticationMethod[];
  readonly refresh_counter: number;
  readonly refresh_salt: Buffer;
  readonly rotated_at: Date;
  readonly refreshed_at: Date;
  readonly not_after: Date;
  readonly user_agent: string;
  readonly ip: string;
  readonly session_created_at: Date;
  readonly session_client: SessionClient | null;
  readonly actor_id: string | null;
  readonly actor_session_id: string | null;
  readonly act_reason: string | null;
}

/** Columns of the session `s`. */
export const sessionColumns = `s.id as session_id, s.user_id, s.amr, s.refresh_counter, s.refresh_salt, s.rotated_at,
  s.refreshed_at, s.not_after, s.actor_id, s.actor_session_id, s.act_reason, s.user_agent, s.ip, s.created_at as session_created_at,
  (select jsonb_build_object('id', o.client_id, 'scope', o.scope) from auth.oauth_sessions o where o.session_id = s.id)
    as session_client`;

const actorOf = ({ actor_id: id, actor_session_id: sessionId, act_reason: reason }: SessionRow): SessionActor | null =>
  id === null || sessionId === null || reason === null ? null : { id, sessionId, reason };

export const sessionFromRow = (row: SessionRow): Session => ({
  id: row.session_id,
  userId: row.user_id,
  amr: row.amr,
  refreshCounter: row.refresh_counter,
  refreshSalt: row.refresh_salt,
  rotatedAt: row.rotated_at.getTime(),
  refreshedAt: row.refreshed_at.getTime(),
  notAfter: row.not_after.getTime(),
  userAgent: row.user_agent,
  address: row.ip,
  createdAt: row.session_created_at.getTime(),
  client: row.session_client,
  actor: actorOf(row),
});
