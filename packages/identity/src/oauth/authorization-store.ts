// What clients ask for and what people granted, in PostgreSQL. Each change is one statement that states what it expects.
import type { Database } from "../database.ts";

export interface Authorization {
  readonly id: string;
  readonly clientId: string;
  readonly userId: string | null;
  readonly redirectUri: string;
  readonly scope: string;
  readonly state: string | null;
  readonly nonce: string | null;
  readonly codeChallenge: string;
}

interface AuthorizationRow {
  readonly id: string;
  readonly client_id: string;
  readonly user_id: string | null;
  readonly redirect_uri: string;
  readonly scope: string;
  readonly state: string | null;
  readonly nonce: string | null;
  readonly code_challenge: string;
}

const columns = "a.id, a.client_id, a.user_id, a.redirect_uri, a.scope, a.state, a.nonce, a.code_challenge";

const fromRow = (row: AuthorizationRow | undefined): Authorization | null =>
  row === undefined
    ? null
    : {
        id: row.id,
        clientId: row.client_id,
        userId: row.user_id,
        redirectUri: row.redirect_uri,
        scope: row.scope,
        state: row.state,
        nonce: row.nonce,
        codeChallenge: row.code_challenge,
      };

export async function insertAuthorization(
  database: Database,
  authorization: Authorization,
  now: number,
  expiresAt: number,
): Promise<void> {
  await database.query(
    `insert into auth.oauth_authorizations (id, client_id, redirect_uri, scope, state, nonce, code_challenge, created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      authorization.id,
      authorization.clientId,
      authorization.redirectUri,
      authorization.scope,
      authorization.state,
      authorization.nonce,
      authorization.codeChallenge,
      new Date(now),
      new Date(expiresAt),
    ],
  );
}

/** The pending request, from now on this person's; null when it is unknown, over, or somebody else's. */
export async function claimAuthorization(
  database: Database,
  id: string,
  userId: string,
  now: number,
): Promise<Authorization | null> {
  const { rows } = await database.query<AuthorizationRow>(
    `update auth.oauth_authorizations a set user_id = $2
     where a.id = $1 and (a.user_id is null or a.user_id = $2) and a.status = 'pending' and a.expires_at > $3
     returning ${columns}`,
    [id, userId, new Date(now)],
  );
  return fromRow(rows[0]);
}

/** The person's decision, once. An approval remembers what it granted and the hash of its code. */
export async function decideAuthorization(
  database: Database,
  id: string,
  userId: string,
  decision:
    | { readonly status: "approved"; readonly codeHash: Buffer; readonly scope: string }
    | { readonly status: "denied" },
  now: number,
): Promise<Authorization | null> {
  const approval = decision.status === "approved" ? decision : null;
  const { rows } = await database.query<AuthorizationRow>(
    `with decided as (
       update auth.oauth_authorizations a set status = $3, code_hash = $4
       where a.id = $1 and a.user_id = $2 and a.status = 'pending' and a.expires_at > $5 returning ${columns}
     ), consent as (
       insert into auth.oauth_consents (user_id, client_id, scope, granted_at)
       select user_id, client_id, $6, $5 from decided where $3 = 'approved'
       on conflict (user_id, client_id) do update set scope = excluded.scope, granted_at = excluded.granted_at
     )
     select * from decided`,
    [id, userId, decision.status, approval?.codeHash ?? null, new Date(now), approval?.scope ?? ""],
  );
  return fromRow(rows[0]);
}

export async function findApprovedAuthorization(database: Database, id: string): Promise<Authorization | null> {
  const { rows } = await database.query<AuthorizationRow>(
    `select ${columns} from auth.oauth_authorizations a where a.id = $1 and a.status = 'approved'`,
    [id],
  );
  return fromRow(rows[0]);
}

/** The request whose code that was, whatever became of it. */
export async function findAuthorizationByCode(
  database: Database,
  clientId: string,
  codeHash: Buffer,
): Promise<Authorization | null> {
  const { rows } = await database.query<AuthorizationRow>(
    `select ${columns} from auth.oauth_authorizations a where a.code_hash = $1 and a.client_id = $2`,
    [codeHash, clientId],
  );
  return fromRow(rows[0]);
}

/** Nothing more comes of it. Waits for a session that is being begun for it, which is then seen by whoever ends them. */
export async function closeAuthorization(database: Database, id: string): Promise<void> {
  await database.query("update auth.oauth_authorizations set status = 'denied' where id = $1", [id]);
}

export interface ClientMark {
  readonly sessionId: string;
  readonly clientId: string;
  readonly authorizationId: string;
  readonly scope: string;
}

/** Marks a session as a client's; false when the request was closed meanwhile. */
export async function markClientSession(database: Database, mark: ClientMark): Promise<boolean> {
  const { rows } = await database.query(
    `with open as (
       select a.id from auth.oauth_authorizations a where a.id = $3 and a.status = 'approved' for share
     )
     insert into auth.oauth_sessions (session_id, client_id, authorization_id, scope)
     select $1, $2, id, $4 from open returning session_id`,
    [mark.sessionId, mark.clientId, mark.authorizationId, mark.scope],
  );
  return rows.length === 1;
}

export interface Consent {
  readonly clientId: string;
  readonly scope: string;
  readonly grantedAt: number;
}

const consentsMax = 100;

/** What the person granted, newest first. */
export async function listConsents(database: Database, userId: string): Promise<readonly Consent[]> {
  const { rows } = await database.query<{ client_id: string; scope: string; granted_at: Date }>(
    `select client_id, scope, granted_at from auth.oauth_consents where user_id = $1
     order by granted_at desc, client_id limit $2`,
    [userId, consentsMax],
  );
  return rows.map((row) => ({ clientId: row.client_id, scope: row.scope, grantedAt: row.granted_at.getTime() }));
}

export async function findConsent(database: Database, userId: string, clientId: string): Promise<Consent | null> {
  const { rows } = await database.query<{ scope: string; granted_at: Date }>(
    "select scope, granted_at from auth.oauth_consents where user_id = $1 and client_id = $2",
    [userId, clientId],
  );
  const row = rows[0];
  return row === undefined ? null : { clientId, scope: row.scope, grantedAt: row.granted_at.getTime() };
}

/** Takes the grant back, and every request that is on its way; false when there is none. */
export async function removeConsent(database: Database, userId: string, clientId: string): Promise<boolean> {
  const { rows } = await database.query(
    `with closed as (
       update auth.oauth_authorizations set status = 'denied' where user_id = $1 and client_id = $2
     )
     delete from auth.oauth_consents where user_id = $1 and client_id = $2 returning client_id`,
    [userId, clientId],
  );
  return rows.length === 1;
}

/** Who has sessions of the client. */
export async function ownersOfClientSessions(database: Database, clientId: string): Promise<readonly string[]> {
  const { rows } = await database.query<{ user_id: string }>(
    `select distinct s.user_id from auth.oauth_sessions o join auth.sessions s on s.id = o.session_id where o.client_id = $1`,
    [clientId],
  );
  return rows.map((row) => row.user_id);
}

/** Removes requests that ran out, at most `max`; their codes ran out long before. Returns how many. */
export async function removeOldAuthorizations(database: Database, now: number, max: number): Promise<number> {
  const { rows } = await database.query(
    `delete from auth.oauth_authorizations where id in (
       select a.id from auth.oauth_authorizations a where a.expires_at <= $1
       and not exists (select from auth.oauth_sessions o where o.authorization_id = a.id) limit $2) returning id`,
    [new Date(now), max],
  );
  await database.query("delete from auth.spent_id_tokens where expires_at <= $1", [new Date(now)]);
  return rows.length;
}
