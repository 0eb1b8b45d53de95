import type { Statements } from "../database.ts";
import type { Session } from "../session/session-row.ts";

/** Stores a session in which somebody acts; false when the account or the actor's own session is gone. It is no sign-in of the person. */
export async function insertActingSession(database: Statements, session: Session): Promise<boolean> {
  const { rows } = await database.query(
    `insert into auth.sessions (id, user_id, amr, refresh_counter, refresh_salt, rotated_at, refreshed_at, not_after,
       user_agent, ip, created_at, updated_at, actor_id, actor_session_id, act_reason)
     select $1, u.id, $3, 0, $4, $5, $5, $6, $7, $8, $5, $5, a.user_id, a.id, $10
     from auth.users u, auth.sessions a where u.id = $2 and u.deleted_at is null and a.id = $9 returning id`,
    [
      session.id,
      session.userId,
      JSON.stringify(session.amr),
      session.refreshSalt,
      new Date(session.createdAt),
      new Date(session.notAfter),
      session.userAgent,
      session.address,
      session.actor?.sessionId,
      session.actor?.reason,
    ],
  );
  return rows.length === 1;
}
