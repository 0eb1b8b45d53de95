// People as an administrator sees them: found by address, id or role, newest first, a page at a time.
import type { Statements } from "../database.ts";
import { uuidPattern } from "../request/body-schema.ts";
import type { Offered } from "../session/assurance.ts";
import { beginningWith, pageCursor, readCursor } from "./page-cursor.ts";
import type { HeldRole, PeoplePage, PeopleQuery, Person, PersonFactor, PersonPasskey } from "./person.ts";

interface PersonRow {
  readonly id: string;
  readonly email: string;
  readonly email_confirmed_at: Date | null;
  readonly created_at: Date;
  readonly last_sign_in_at: Date | null;
  readonly banned_until: Date | null;
  readonly roles: readonly HeldRole[];
  readonly factors: readonly PersonFactor[];
  readonly passkeys: readonly PersonPasskey[];
  readonly sessions: number;
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;

/** `$1` is the present moment: a role whose time is over is not listed. */
const personColumns = `
  u.id, u.email, u.email_confirmed_at, u.created_at, u.last_sign_in_at, u.banned_until,
  (select count(*)::int from auth.sessions s where s.user_id = u.id and s.not_after > $1) as sessions,
  (select coalesce(jsonb_agg(jsonb_build_object('role', r.name, 'grantedAt', ${ms("g.granted_at")}, 'grantedBy', g.granted_by,
      'approvedBy', g.approved_by, 'reason', g.reason, 'until', ${ms("g.until")}) order by r.name), '[]')
    from jsonb_array_elements_text(coalesce(u.raw_app_meta_data -> 'roles', '[]')) as r(name)
    left join auth.role_grants g on g.user_id = u.id and g.role = r.name
    where g.until is null or g.until > $1) as roles,
  (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.friendly_name, 'type', f.factor_type,
      'status', f.status, 'createdAt', ${ms("f.created_at")},
      'lastUsedAt', case when f.status = 'verified' and f.updated_at > f.created_at then ${ms("f.updated_at")} end) order by f.created_at, f.id), '[]')
    from auth.mfa_factors f where f.user_id = u.id) as factors,
  (select coalesce(jsonb_agg(jsonb_build_object('id', w.id, 'name', w.friendly_name, 'createdAt', ${ms("w.created_at")},
      'lastUsedAt', ${ms("w.last_used_at")}) order by w.created_at, w.id), '[]')
    from auth.webauthn_credentials w where w.user_id = u.id and w.factor_id is null) as passkeys`;

const time = (date: Date | null): number | null => (date === null ? null : date.getTime());

function protectionOf({ factors, passkeys }: PersonRow, offered: Offered): Person["protection"] {
  const isFactor = factors.some(
    ({ status, type }) => status === "verified" && offered.factorTypes.some((each) => each === type),
  );
  if (isFactor) return "factor";
  return offered.passkeys && passkeys.length > 0 ? "passkey" : "none";
}

const personFromRow = (row: PersonRow, offered: Offered): Person => ({
  id: row.id,
  email: row.email,
  emailConfirmedAt: time(row.email_confirmed_at),
  createdAt: row.created_at.getTime(),
  lastSignInAt: time(row.last_sign_in_at),
  bannedUntil: time(row.banned_until),
  roles: row.roles,
  factors: row.factors,
  passkeys: row.passkeys,
  protection: protectionOf(row, offered),
  sessions: row.sessions,
});

/** SQL: what the policy offers protects the account. Not an `exists`, for which all factors of everybody may be read at once. */
const isProtected = (factorTypes: string, passkeys: string): string => `(coalesce(
    (select f.id from auth.mfa_factors f
      where f.user_id = u.id and f.status = 'verified' and f.factor_type = any(${factorTypes}) limit 1),
    (select w.id from auth.webauthn_credentials w where ${passkeys} and w.user_id = u.id and w.factor_id is null limit 1))
  is not null)`;

export async function listPeople(
  database: Statements,
  query: PeopleQuery,
  offered: Offered,
  now: number,
): Promise<PeoplePage> {
  const values: unknown[] = [new Date(now), query.limit + 1];
  const parameter = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ["u.deleted_at is null"];
  const search = query.search?.trim().toLowerCase() ?? "";
  if (uuidPattern.test(search)) conditions.push(`u.id = ${parameter(search)}`);
  else if (search !== "") conditions.push(`u.email like ${parameter(beginningWith(search))}`);
  if (query.roles !== undefined) conditions.push(`u.raw_app_meta_data -> 'roles' ?| ${parameter(query.roles)}`);
  if (query.protection !== undefined) {
    const isGuarded = isProtected(parameter(offered.factorTypes), parameter(offered.passkeys));
    conditions.push(query.protection === "some" ? isGuarded : `not ${isGuarded}`);
  }
  const after = readCursor(query.cursor);
  if (after !== null) {
    const at = parameter(new Date(after.at));
    conditions.push(`(u.created_at < ${at} or (u.created_at = ${at} and u.id > ${parameter(after.id)}))`);
  }
  const { rows } = await database.query<PersonRow>(
    `select ${personColumns} from (
       select * from auth.users u where ${conditions.join(" and ")} order by u.created_at desc, u.id limit $2
     ) u order by u.created_at desc, u.id`,
    values,
  );
  const people = rows.slice(0, query.limit).map((row) => personFromRow(row, offered));
  return { people, next: rows.length > query.limit ? pageCursor(people.at(-1)) : null };
}

export async function findPerson(
  database: Statements,
  id: string,
  offered: Offered,
  now: number,
): Promise<Person | null> {
  const { rows } = await database.query<PersonRow>(
    `select ${personColumns} from auth.users u where u.id = $2 and u.deleted_at is null`,
    [new Date(now), id],
  );
  return rows[0] === undefined ? null : personFromRow(rows[0], offered);
}

/** How many living accounts hold exactly these roles: the classes of people that the policy tells apart. */
export interface RoleClass {
  readonly roles: readonly string[];
  readonly people: number;
}

const classesMax = 1000;

export async function listRoleClasses(database: Statements, now: number): Promise<readonly RoleClass[]> {
  const { rows } = await database.query<{ roles: readonly string[]; people: number }>(
    `select roles, count(*)::int as people from (
       select coalesce((select jsonb_agg(r order by r) from jsonb_array_elements_text(u.raw_app_meta_data -> 'roles') r
         where not exists (select from auth.role_grants g where g.user_id = u.id and g.role = r and g.until <= $1)), '[]') as roles
       from auth.users u where u.deleted_at is null) c
     group by roles order by count(*) desc, roles limit $2`,
    [new Date(now), classesMax],
  );
  return rows;
}

export async function listAddresses(
  database: Statements,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ id: string; email: string }>(
    "select id, email from auth.users where id = any($1) and deleted_at is null",
    [ids],
  );
  return new Map(rows.map(({ id, email }) => [id, email]));
}

export interface DoubtfulQuery {
  /** Milliseconds since 1970. */
  readonly unusedSince: number;
  readonly privileged: readonly string[];
  readonly limit: number;
}

/** Accounts nobody has used for long, and privileged ones that nothing but a password protects. */
export async function listDoubtful(
  database: Statements,
  { unusedSince, privileged, limit }: DoubtfulQuery,
  offered: Offered,
  now: number,
): Promise<readonly Person[]> {
  const { rows } = await database.query<PersonRow>(
    `select ${personColumns} from auth.users u where u.id in (
       (select u.id from auth.users u where u.deleted_at is null and coalesce(u.last_sign_in_at, u.created_at) < $2
         order by coalesce(u.last_sign_in_at, u.created_at) limit $4)
       union
       (select u.id from auth.users u where u.deleted_at is null and u.raw_app_meta_data -> 'roles' ?| $3
         and not ${isProtected("$5", "$6")} limit $4)
     ) order by u.created_at desc, u.id limit $4`,
    [new Date(now), new Date(unusedSince), privileged, limit, offered.factorTypes, offered.passkeys],
  );
  return rows.map((row) => personFromRow(row, offered));
}
