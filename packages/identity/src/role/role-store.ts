// Roles, requests for them and grants in PostgreSQL. Each change is one statement that states what it expects to find.
import type { Statements } from "../database.ts";
import type { Decision, RoleRequest } from "./person.ts";

const rolesOf = "coalesce(u.raw_app_meta_data -> 'roles', '[]')";

/** SQL: the account's metadata with the role of `parameter` added. */
const withRole = (parameter: string): string => `jsonb_set(u.raw_app_meta_data, '{roles}',
  (select jsonb_agg(r order by r) from (select jsonb_array_elements_text(${rolesOf}) union select ${parameter}) as x(r)))`;

export interface Grant {
  readonly userId: string;
  readonly role: string;
  readonly grantedBy: string | null;
  readonly reason: string;
  readonly until: number | null;
}

const moment = (milliseconds: number | null): Date | null => (milliseconds === null ? null : new Date(milliseconds));

/** Gives a role; "held" when the account has it, null when there is no such account. */
export async function insertGrant(database: Statements, grant: Grant, now: number): Promise<"granted" | "held" | null> {
  const { rows } = await database.query<{ held: boolean }>(
    `with found as (
       select u.id, ${rolesOf} ? $2 as held from auth.users u where u.id = $1 and u.deleted_at is null for update
     ), given as (
       update auth.users u set raw_app_meta_data = ${withRole("$2")}, updated_at = $3
       from found f where u.id = f.id and not f.held
     ), noted as (
       insert into auth.role_grants (user_id, role, granted_at, granted_by, reason, until)
       select id, $2, $3, $4, $5, $6 from found where not held
       on conflict (user_id, role) do update set granted_at = excluded.granted_at, granted_by = excluded.granted_by,
         approved_by = null, request_id = null, reason = excluded.reason, until = excluded.until
     )
     select held from found`,
    [grant.userId, grant.role, new Date(now), grant.grantedBy, grant.reason, moment(grant.until)],
  );
  const row = rows[0];
  return row === undefined ? null : row.held ? "held" : "granted";
}

/** Takes a role away; false when the account does not have it. */
export async function deleteGrant(database: Statements, userId: string, role: string, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with taken as (
       update auth.users u set updated_at = $3, raw_app_meta_data = jsonb_set(u.raw_app_meta_data, '{roles}', ${rolesOf} - $2::text)
       where u.id = $1 and u.deleted_at is null and ${rolesOf} ? $2 returning u.id
     ), forgotten as (
       delete from auth.role_grants where user_id = $1 and role = $2
     )
     select id from taken`,
    [userId, role, new Date(now)],
  );
  return rows.length === 1;
}

/** Ends grants whose time is over, at most `max`. */
export async function endGrants(
  database: Statements,
  now: number,
  max: number,
): Promise<readonly { readonly userId: string; readonly role: string }[]> {
  const { rows } = await database.query<{ user_id: string; role: string }>(
    `with gone as (
       delete from auth.role_grants where (user_id, role) in (
         select user_id, role from auth.role_grants where until <= $1 limit $2) returning user_id, role
     ), stripped as (
       update auth.users u set updated_at = $1, raw_app_meta_data = jsonb_set(u.raw_app_meta_data, '{roles}',
         ${rolesOf} - (select array_agg(g.role) from gone g where g.user_id = u.id))
       where u.id in (select user_id from gone)
     )
     select user_id, role from gone`,
    [new Date(now), max],
  );
  return rows.map((row) => ({ userId: row.user_id, role: row.role }));
}

/** Accounts that were given a role at or after a moment: tokens they hold may be older than their rights. */
export async function listGrantedSince(
  database: Statements,
  since: number,
): Promise<readonly { readonly userId: string; readonly at: number }[]> {
  const { rows } = await database.query<{ user_id: string; granted_at: Date }>(
    "select user_id, granted_at from auth.role_grants where granted_at >= $1",
    [new Date(since)],
  );
  return rows.map((row) => ({ userId: row.user_id, at: row.granted_at.getTime() }));
}

interface RequestRow {
  readonly id: string;
  readonly user_id: string;
  readonly role: string;
  readonly requested_by: string;
  readonly reason: string;
  readonly until: Date | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly decided_at: Date | null;
  readonly decided_by: string | null;
  readonly decision: Decision | null;
  readonly note: string;
}

const requestColumns = `r.id, r.user_id, r.role, r.requested_by, r.reason, r.until, r.created_at, r.expires_at, r.decided_at,
  r.decided_by, r.decision, r.note`;

const requestFromRow = (row: RequestRow): RoleRequest => ({
  id: row.id,
  userId: row.user_id,
  role: row.role,
  requestedBy: row.requested_by,
  reason: row.reason,
  until: row.until === null ? null : row.until.getTime(),
  createdAt: row.created_at.getTime(),
  expiresAt: row.expires_at.getTime(),
  decidedAt: row.decided_at === null ? null : row.decided_at.getTime(),
  decidedBy: row.decided_by,
  decision: row.decision,
  note: row.note,
});

export type NewRequest = Pick<RoleRequest, "id" | "userId" | "role" | "requestedBy" | "reason" | "until" | "expiresAt">;

/** Stores a request; false when one for the same account and role is open, or `max` are. */
export async function insertRequest(
  database: Statements,
  request: NewRequest,
  now: number,
  max: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `insert into auth.role_requests (id, user_id, role, requested_by, reason, until, created_at, expires_at)
     select $1, u.id, $3, $4, $5, $6, $7, $8 from auth.users u
     where u.id = $2 and u.deleted_at is null
       and not exists (select from auth.role_requests o
         where o.user_id = $2 and o.role = $3 and o.decided_at is null and o.expires_at > $7)
       and (select count(*) from auth.role_requests o where o.decided_at is null and o.expires_at > $7) < $9
     returning id`,
    [
      request.id,
      request.userId,
      request.role,
      request.requestedBy,
      request.reason,
      moment(request.until),
      new Date(now),
      new Date(request.expiresAt),
      max,
    ],
  );
  return rows.length === 1;
}

export async function findRequest(database: Statements, id: string): Promise<RoleRequest | null> {
  const { rows } = await database.query<RequestRow>(
    `select ${requestColumns} from auth.role_requests r where r.id = $1`,
    [id],
  );
  return rows[0] === undefined ? null : requestFromRow(rows[0]);
}

/** Newest first. */
export async function listRequests(
  database: Statements,
  which: "open" | "all",
  now: number,
  limit: number,
): Promise<readonly RoleRequest[]> {
  const { rows } = await database.query<RequestRow>(
    `select ${requestColumns} from auth.role_requests r
     where $1 = 'all' or (r.decided_at is null and r.expires_at > $2) order by r.created_at desc, r.id limit $3`,
    [which, new Date(now), limit],
  );
  return rows.map(requestFromRow);
}

export interface Verdict {
  readonly id: string;
  readonly decidedBy: string;
  readonly decision: Exclude<Decision, "expired">;
  readonly note: string;
  /** Decides also what was decided before. Never true but in a twin. */
  readonly again: boolean;
}

/** Decides an open request, and gives the role when it is approved: one compare-and-set. Null when it is not open any more. */
export async function decideRequest(database: Statements, verdict: Verdict, now: number): Promise<RoleRequest | null> {
  const { rows } = await database.query<RequestRow>(
    `with r as (
       update auth.role_requests set decided_at = $2, decided_by = $3, decision = $4, note = $5
       where id = $1 and (decided_at is null or $6) and expires_at > $2 and (until is null or until > $2) returning *
     ), given as (
       update auth.users u set raw_app_meta_data = ${withRole("(select role from r)")}, updated_at = $2
       where $4 = 'approved' and u.id = (select user_id from r) and u.deleted_at is null
     ), noted as (
       insert into auth.role_grants (user_id, role, granted_at, granted_by, approved_by, request_id, reason, until)
       select user_id, role, $2, requested_by, $3, id, reason, until from r where $4 = 'approved'
       on conflict (user_id, role) do update set granted_at = excluded.granted_at, granted_by = excluded.granted_by,
         approved_by = excluded.approved_by, request_id = excluded.request_id, reason = excluded.reason, until = excluded.until
     )
     select ${requestColumns} from r`,
    [verdict.id, new Date(now), verdict.decidedBy, verdict.decision, verdict.note, verdict.again],
  );
  return rows[0] === undefined ? null : requestFromRow(rows[0]);
}

/** Closes requests that nobody decided in time, at most `max`. */
export async function expireRequests(database: Statements, now: number, max: number): Promise<readonly RoleRequest[]> {
  const { rows } = await database.query<RequestRow>(
    `with r as (
       update auth.role_requests set decided_at = $1, decision = 'expired' where id in (
         select id from auth.role_requests where decided_at is null and expires_at <= $1 limit $2) returning *
     )
     select ${requestColumns} from r`,
    [new Date(now), max],
  );
  return rows.map(requestFromRow);
}
