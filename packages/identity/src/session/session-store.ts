// Sessions in PostgreSQL. Each change is one statement that states what it expects to find: two of them cannot both win.
import type { Account } from "../account/account.ts";
import { type AccountRow, accountColumns, accountFromRow } from "../account/account-row.ts";
import type { Database, Statements } from "../database.ts";
import { type Session, type SessionRow, sessionColumns, sessionFromRow } from "./session-row.ts";

/** The oldest session ends when an account has more. */
export const sessionsPerAccountMax = 100;

export interface SessionWithAccount {
  readonly session: Session;
  readonly account: Account;
}

export interface Begun {
  /** The account at the moment the session began. */
  readonly account: Account;
  /** The account's oldest sessions, which ended for it. */
  readonly ended: readonly EndedSession[];
}

/** A session whose row is gone, as what has to be told of it. */
export interface EndedSession {
  readonly id: string;
  readonly userId: string;
  /** Who acted in the account's name in it; null in a person's own. */
  readonly actorId: string | null;
}

/** The rows of `gone`, which are sessions, as a list of `EndedSession`. */
export const endedJson = `coalesce((select jsonb_agg(jsonb_build_object('id', id, 'userId', user_id, 'actorId', actor_id)) from gone), '[]')`;

/**
 * Stores a new session, notes the sign-in, and ends the account's other sessions except its newest `besideMax`, whose tokens
 * could be alive until `until`, all in one statement. Null when the account is gone or has no longer the password that was
 * compared: whoever changes it waits for this row or is seen here, so no session slips past the ending of all.
 */
export async function insertSession(
  database: Database,
  session: Session,
  passwordHash: string | null,
  until: number,
  besideMax: number,
): Promise<Begun | null> {
  const { rows } = await database.query<AccountRow & { ended: readonly EndedSession[] }>(
    `with seen as (
       update auth.users u set last_sign_in_at = $7, updated_at = $7
       where u.id = $2 and u.deleted_at is null and u.encrypted_password is not distinct from $13
       returning ${accountColumns}
     ), added as (
       insert into auth.sessions (id, user_id, aal, amr, refresh_counter, refresh_salt, rotated_at, refreshed_at, not_after,
         user_agent, ip, created_at, updated_at)
       select $1, id, $3, $4, $5, $6, $7, $7, $8, $9, $10, $7, $7 from seen
     ), identity as (
       update auth.identities set last_sign_in_at = $7 where user_id in (select id from seen) and provider = 'email'
     ), oldest as (
       select o.id from auth.sessions o where o.user_id in (select id from seen)
       order by o.created_at desc, o.id offset $11
     ), gone as (
       -- Sessions in which the owner of an ending one acts as somebody else end with it, here as in endSessions.
       delete from auth.sessions where id in (
         select id from oldest
         union all select a.id from auth.sessions a where a.actor_session_id in (select id from oldest))
       returning id, user_id, actor_id
     ), recorded as (
       insert into holdfast_keeper.ended_sessions (session_id, ended_at, until) select id::text, $7, $12 from gone on conflict do nothing
     )
     select seen.*, ${endedJson} as ended from seen`,
    [
      session.id,
      session.userId,
      session.amr.some(({ credential }) => credential !== undefined) ? "aal2" : "aal1",
      JSON.stringify(session.amr),
      session.refreshCounter,
      session.refreshSalt,
      new Date(session.createdAt),
      new Date(session.notAfter),
      session.userAgent,
      session.address,
      // The statement does not see the row it adds.
      besideMax,
      new Date(until),
      passwordHash,
    ],
  );
  const row = rows[0];
  return row === undefined ? null : { account: accountFromRow(row), ended: row.ended };
}

/** The session with its account, or null. */
export async function findSession(database: Database, id: string): Promise<SessionWithAccount | null> {
  const { rows } = await database.query<SessionRow & AccountRow>(
    `select ${sessionColumns}, ${accountColumns}
     from auth.sessions s join auth.users u on u.id = s.user_id where s.id = $1`,
    [id],
  );
  const row = rows[0];
  return row === undefined ? null : { session: sessionFromRow(row), account: accountFromRow(row) };
}

/** Moves the counter on by one, if it still stands where the caller saw it. False when somebody else was first. */
export async function rotateSession(database: Database, id: string, seen: number, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `update auth.sessions set refresh_counter = refresh_counter + 1, rotated_at = $3, refreshed_at = $3, updated_at = $3
     where id = $1 and refresh_counter = $2 returning id`,
    [id, seen, new Date(now)],
  );
  return rows.length === 1;
}

/** The account's sessions, newest first. */
export async function listSessions(database: Database, userId: string): Promise<readonly Session[]> {
  const { rows } = await database.query<SessionRow>(
    `select ${sessionColumns} from auth.sessions s where s.user_id = $1 order by s.created_at desc, s.id limit $2`,
    [userId, sessionsPerAccountMax],
  );
  return rows.map(sessionFromRow);
}

/** Which sessions of an account end. */
export type SessionChoice =
  | { readonly kind: "all" }
  | { readonly kind: "one"; readonly id: string }
  | { readonly kind: "others"; readonly except: string }
  /** Those of an OAuth client. */
  | { readonly kind: "client"; readonly id: string }
  /** What one consent gave to its client. */
  | { readonly kind: "authorization"; readonly id: string };

function chosen(choice: SessionChoice): { readonly where: string; readonly values: readonly unknown[] } {
  switch (choice.kind) {
    case "all":
      return { where: "true", values: [] };
    case "one":
      return { where: "s.id = $4", values: [choice.id] };
    case "others":
      return { where: "s.id <> $4", values: [choice.except] };
    case "client":
      return {
        where: "s.id in (select o.session_id from auth.oauth_sessions o where o.client_id = $4)",
        values: [choice.id],
      };
    case "authorization":
      return {
        where: "s.id in (select o.session_id from auth.oauth_sessions o where o.authorization_id = $4)",
        values: [choice.id],
      };
  }
}

/** Ends the chosen sessions and remembers until when tokens of theirs could still be alive. */
export async function endSessions(
  database: Statements,
  userId: string,
  choice: SessionChoice,
  now: number,
  until: number,
): Promise<readonly EndedSession[]> {
  const { where, values } = chosen(choice);
  const { rows } = await database.query<EndedRow>(
    `with chosen as (select s.id from auth.sessions s where s.user_id = $1 and ${where}),
     -- Sessions in which the owner of an ending one acts as somebody else end with it.
     -- A union, not an "or": each half finds its rows by an index.
     gone as (delete from auth.sessions s where s.id in (
         select id from chosen
         union all select a.id from auth.sessions a where a.actor_session_id in (select id from chosen))
       returning s.id, s.user_id, s.actor_id),
     recorded as (
       insert into holdfast_keeper.ended_sessions (session_id, ended_at, until) select id::text, $2, $3 from gone
       on conflict (session_id) do nothing)
     select id, user_id, actor_id from gone`,
    [userId, new Date(now), new Date(until), ...values],
  );
  return rows.map(endedFromRow);
}

interface EndedRow {
  readonly id: string;
  readonly user_id: string;
  readonly actor_id: string | null;
}

const endedFromRow = (row: EndedRow): EndedSession => ({ id: row.id, userId: row.user_id, actorId: row.actor_id });

/** Ends the sessions that a condition chooses, whose first two values it uses, and remembers them as above. */
export async function endSessionsWhere(
  database: Statements,
  where: string,
  values: readonly [Date, Date],
  now: number,
  until: number,
): Promise<readonly EndedSession[]> {
  const { rows } = await database.query<EndedRow>(
    `with gone as (delete from auth.sessions s where ${where} returning s.id, s.user_id, s.actor_id),
     recorded as (insert into holdfast_keeper.ended_sessions (session_id, ended_at, until)
       select id::text, $3, $4 from gone on conflict do nothing)
     select id, user_id, actor_id from gone`,
    [...values, new Date(now), new Date(until)],
  );
  return rows.map(endedFromRow);
}

/** Sessions that ended while a token of theirs may still be alive. */
export async function listEndedSessions(database: Database, now: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ session_id: string }>(
    "select session_id from holdfast_keeper.ended_sessions where until > $1",
    [new Date(now)],
  );
  return rows.map((row) => row.session_id);
}

export interface ExpiredSession extends EndedSession {
  readonly notAfter: number;
}

/** Removes sessions that nobody came back to, at most `max`. Their tokens ended before they did. */
export async function removeExpiredSessions(
  database: Database,
  now: number,
  idleSince: number,
  max: number,
): Promise<readonly ExpiredSession[]> {
  const { rows } = await database.query<EndedRow & { readonly not_after: Date }>(
    `delete from auth.sessions where id in (
       select id from auth.sessions where not_after <= $1 or refreshed_at <= $2 limit $3
     ) returning id, user_id, actor_id, not_after`,
    [new Date(now), new Date(idleSince), max],
  );
  return rows.map((row) => ({ ...endedFromRow(row), notAfter: row.not_after.getTime() }));
}
