// Accounts in PostgreSQL.
import { randomUUID } from "node:crypto";
import type { Database, Statements } from "../database.ts";
import type { Account } from "./account.ts";
import { type AccountRow, accountColumns, accountFromRow } from "./account-row.ts";

export interface NewAccount {
  readonly id: string;
  /** Normalised; '' is none. */
  readonly email: string;
  /** E.164 without its plus sign; absent or '' is none. */
  readonly phone?: string;
  readonly isPhoneConfirmed?: boolean;
  readonly isAnonymous?: boolean;
  readonly isInvited?: boolean;
  readonly passwordHash: string | null;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  /** Somebody vouches that the address belongs to the person. */
  readonly isEmailConfirmed: boolean;
  readonly bannedUntil: number | null;
}

/** The ways to sign in that an account is made with: its address, its number, or none. */
function firstIdentities(account: NewAccount): readonly object[] {
  const { id, email, phone = "", isEmailConfirmed, isPhoneConfirmed = false } = account;
  const verified = { email_verified: isEmailConfirmed, phone_verified: isPhoneConfirmed };
  return [
    ...(email === "" ? [] : [{ id: randomUUID(), provider: "email", data: { sub: id, email, ...verified } }]),
    ...(phone === "" ? [] : [{ id: randomUUID(), provider: "phone", data: { sub: id, phone, ...verified } }]),
  ];
}

/** Stores the account and its identities, or answers false when a living account has the address, the number or the id. */
export async function insertAccount(database: Database, account: NewAccount, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with added as (
       insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
         banned_until, created_at, updated_at, phone, phone_confirmed_at, is_anonymous, invited_at)
       values ($1, $2, $3, case when $9 then $4::timestamptz end, $5, $6, $7, $4, $4, $10,
         case when $11 then $4::timestamptz end, $12, case when $13 then $4::timestamptz end)
       on conflict do nothing returning id
     ), identity as (
       insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
       select i.id, added.id, i.provider, added.id::text, i.data, $4, $4
       from added, jsonb_to_recordset($8) as i(id uuid, provider text, data jsonb)
     )
     select id from added`,
    [
      account.id,
      account.email,
      account.passwordHash,
      new Date(now),
      JSON.stringify(account.appMetadata),
      JSON.stringify(account.userMetadata),
      account.bannedUntil === null ? null : new Date(account.bannedUntil),
      JSON.stringify(firstIdentities(account)),
      account.isEmailConfirmed,
      account.phone ?? "",
      account.isPhoneConfirmed ?? false,
      account.isAnonymous ?? false,
      account.isInvited ?? false,
    ],
  );
  return rows.length === 1;
}

/** The living account with the address, or null. */
export async function findAccountByEmail(database: Database, email: string): Promise<Account | null> {
  // '' stands for accounts without an address: it names none of them.
  if (email === "") return null;
  const { rows } = await database.query<AccountRow>(
    `select ${accountColumns} from auth.users u where u.email = $1 and u.deleted_at is null`,
    [email],
  );
  return rows[0] === undefined ? null : accountFromRow(rows[0]);
}

/** The living account with the number (E.164 without its plus sign), or null. */
export async function findAccountByPhone(database: Database, phone: string): Promise<Account | null> {
  if (phone === "") return null;
  const { rows } = await database.query<AccountRow>(
    `select ${accountColumns} from auth.users u where u.phone = $1 and u.deleted_at is null`,
    [phone],
  );
  return rows[0] === undefined ? null : accountFromRow(rows[0]);
}

/** Who has an address, and no more: reading a whole account takes longer than finding none. */
export interface AddressHolder {
  readonly id: string;
  readonly emailConfirmedAt: number | null;
}

/** The living account with the address, or null. */
export async function findHolder(database: Statements, email: string): Promise<AddressHolder | null> {
  const { rows } = await database.query<{ id: string; email_confirmed_at: Date | null }>(
    "select id, email_confirmed_at from auth.users where email = $1 and email <> '' and deleted_at is null",
    [email],
  );
  const row = rows[0];
  return row === undefined ? null : { id: row.id, emailConfirmedAt: row.email_confirmed_at?.getTime() ?? null };
}

/** The account, softly deleted ones included, or null. */
export async function findAccount(database: Statements, id: string): Promise<Account | null> {
  const { rows } = await database.query<AccountRow>(`select ${accountColumns} from auth.users u where u.id = $1`, [id]);
  return rows[0] === undefined ? null : accountFromRow(rows[0]);
}

export interface AccountPage {
  readonly accounts: readonly Account[];
  readonly total: number;
}

/** Newest first; `page` counts from 1. */
export async function listAccounts(database: Database, page: number, perPage: number): Promise<AccountPage> {
  const { rows } = await database.query<AccountRow>(
    // The page first: what is skipped would otherwise be read with its factors and identities (186 ms of 10,000 accounts' last page).
    `select ${accountColumns} from auth.users u
     where u.id = any (array(select id from auth.users order by created_at desc, id limit $1 offset $2))
     order by u.created_at desc, u.id`,
    [perPage, (page - 1) * perPage],
  );
  const count = await database.query<{ total: number }>("select count(*)::int as total from auth.users", []);
  return { accounts: rows.map(accountFromRow), total: count.rows[0]?.total ?? 0 };
}

/** What may change; an absent key leaves the column as it is. */
export interface AccountChange {
  readonly email?: string;
  readonly emailConfirmedAt?: number | null;
  readonly phone?: string;
  readonly phoneConfirmedAt?: number | null;
  readonly passwordHash?: string;
  /** All of it but the roles. */
  readonly appMetadata?: Readonly<Record<string, unknown>>;
  readonly roles?: RolesChange;
  readonly userMetadata?: Readonly<Record<string, unknown>>;
  readonly bannedUntil?: number | null;
}

/** What the roles were when somebody decided what they should be, and what that is. */
export interface RolesChange {
  readonly seen: readonly string[];
  readonly now: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

const momentOrNull = (given: number | null) => (given === null ? null : new Date(given));

const setters: Readonly<
  Record<Exclude<keyof AccountChange, "appMetadata" | "roles">, { column: string; value: (given: never) => unknown }>
> = {
  email: { column: "email", value: (given: string) => given },
  passwordHash: { column: "encrypted_password", value: (given: string) => given },
  userMetadata: { column: "raw_user_meta_data", value: (given: object) => JSON.stringify(given) },
  emailConfirmedAt: { column: "email_confirmed_at", value: momentOrNull },
  phone: { column: "phone", value: (given: string) => given },
  phoneConfirmedAt: { column: "phone_confirmed_at", value: momentOrNull },
  bannedUntil: { column: "banned_until", value: momentOrNull },
};

/** Who wished for another address or number did so before: links to it could be mailed anew. */
const noWish = [
  "email_change = ''",
  "email_change_sent_at = null",
  "email_change_current_at = null",
  "email_change_new_at = null",
  "phone_change = ''",
  "phone_change_sent_at = null",
];

/**
 * Changes a living account and returns it; null when there is none, "email-taken" when another one has the address,
 * "roles-changed" when the roles are not what they were when somebody decided about them.
 */
export async function updateAccount(
  database: Statements,
  id: string,
  change: AccountChange,
  now: number,
): Promise<Account | null | "email-taken" | "roles-changed"> {
  const values: unknown[] = [id, new Date(now)];
  const sets = ["updated_at = $2"];
  for (const key of Object.keys(setters) as (keyof typeof setters)[]) {
    const given = change[key];
    if (given === undefined) continue;
    values.push(setters[key].value(given as never));
    sets.push(`${setters[key].column} = $${values.length}`);
  }
  if (change.passwordHash !== undefined || change.email !== undefined) sets.push(...noWish);
  const metadata = metadataChange(change, values);
  sets.push(...metadata.sets);
  const free =
    change.email === undefined
      ? "true"
      : `not exists (select from auth.users o where o.email = $${values.indexOf(change.email) + 1} and o.id <> $1 and o.deleted_at is null)`;
  const { rows } = await database.query<{ id: string }>(
    `with changed as (
       update auth.users set ${sets.join(", ")} where id = $1 and deleted_at is null and ${free} and ${metadata.condition}
       returning id, email
     ), ungranted as (
       delete from auth.role_grants g using changed c where g.user_id = c.id and g.role = any($${metadata.touched})
     ), identity as (
       update auth.identities i set identity_data = i.identity_data || jsonb_build_object('email', c.email), updated_at = $2
       from changed c where i.user_id = c.id and i.provider = 'email' and i.identity_data ->> 'email' <> c.email
     )
     select id from changed`,
    values,
  );
  const account = await findAccount(database, id);
  if (account === null || account.deletedAt !== null) return null;
  if (rows.length === 1) return account;
  const seen = change.roles?.seen ?? account.appMetadata.roles;
  return seen.join() === account.appMetadata.roles.join() ? "email-taken" : "roles-changed";
}

/** Metadata and roles share a column: neither change may undo the other. `touched` is the parameter of the roles that change. */
function metadataChange(
  { appMetadata, roles }: AccountChange,
  values: unknown[],
): { readonly sets: readonly string[]; readonly condition: string; readonly touched: number } {
  const add = (value: unknown): number => values.push(value);
  const touched = add(roles === undefined ? [] : [...roles.added, ...roles.removed]);
  const stored = "coalesce(raw_app_meta_data -> 'roles', '[]')";
  if (appMetadata === undefined) return { sets: [], condition: "true", touched };
  const kept = `$${add(JSON.stringify(appMetadata))}::jsonb`;
  const next = roles === undefined ? stored : `$${add(JSON.stringify(roles.now))}::jsonb`;
  return {
    sets: [`raw_app_meta_data = ${kept} || jsonb_build_object('roles', ${next})`],
    condition: roles === undefined ? "true" : `${stored} = $${add(JSON.stringify(roles.seen))}::jsonb`,
    touched,
  };
}

/** Removes the account and everything of it; false when there is none. */
export async function deleteAccount(database: Statements, id: string): Promise<boolean> {
  const { rows } = await database.query("delete from auth.users where id = $1 returning id", [id]);
  return rows.length === 1;
}

/** Removes anonymous accounts made before `before` that have no session left, at most `max`. Returns their ids. */
export async function deleteLeftAnonymous(database: Database, before: number, max: number): Promise<readonly string[]> {
  const { rows } = await database.query<{ id: string }>(
    `delete from auth.users where id in (
       select u.id from auth.users u where u.is_anonymous and u.created_at <= $1
         and not exists (select from auth.sessions s where s.user_id = u.id) limit $2
     ) and is_anonymous returning id`,
    [new Date(before), max],
  );
  return rows.map(({ id }) => id);
}

/** Keeps the row for references but nothing that identifies or admits the person; false when there is none. */
export async function softDeleteAccount(database: Statements, id: string, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with gone as (
       update auth.users set deleted_at = $2, updated_at = $2, email = id::text || '@deleted.invalid',
         encrypted_password = null, phone = '', phone_confirmed_at = null, email_change = '', phone_change = '',
         raw_user_meta_data = '{}', raw_app_meta_data = '{}'
       where id = $1 and deleted_at is null returning id
     ), identities as (delete from auth.identities where user_id in (select id from gone)),
     factors as (delete from auth.mfa_factors where user_id in (select id from gone))
     select id from gone`,
    [id, new Date(now)],
  );
  return rows.length === 1;
}
