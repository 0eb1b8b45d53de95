// Accounts in PostgreSQL.
import { randomUUID } from "node:crypto";
import type { Database } from "../database.ts";
import type { Account } from "./account.ts";
import { type AccountRow, accountColumns, accountFromRow } from "./account-row.ts";

export interface NewAccount {
  readonly id: string;
  /** Normalised. */
  readonly email: string;
  readonly passwordHash: string | null;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  /** Somebody vouches that the address belongs to the person. */
  readonly isEmailConfirmed: boolean;
  readonly bannedUntil: number | null;
}

/** Stores the account and its identity, or answers false when a living account has the address or the id. */
export async function insertAccount(database: Database, account: NewAccount, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with added as (
       insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
         banned_until, created_at, updated_at)
       values ($1, $2, $3, case when $10 then $4::timestamptz end, $5, $6, $7, $4, $4) on conflict do nothing returning id
     ), identity as (
       insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
       select $8, id, 'email', id::text, $9, $4, $4 from added
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
      randomUUID(),
      JSON.stringify({
        sub: account.id,
        email: account.email,
        email_verified: account.isEmailConfirmed,
        phone_verified: false,
      }),
      account.isEmailConfirmed,
    ],
  );
  return rows.length === 1;
}

/** The living account with the address, or null. */
export async function findAccountByEmail(database: Database, email: string): Promise<Account | null> {
  const { rows } = await database.query<AccountRow>(
    `select ${accountColumns} from auth.users u where u.email = $1 and u.deleted_at is null`,
    [email],
  );
  return rows[0] === undefined ? null : accountFromRow(rows[0]);
}

/** The account, softly deleted ones included, or null. */
export async function findAccount(database: Database, id: string): Promise<Account | null> {
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
    `select ${accountColumns} from auth.users u order by u.created_at desc, u.id limit $1 offset $2`,
    [perPage, (page - 1) * perPage],
  );
  const count = await database.query<{ total: number }>("select count(*)::int as total from auth.users", []);
  return { accounts: rows.map(accountFromRow), total: count.rows[0]?.total ?? 0 };
}

/** What may change; an absent key leaves the column as it is. */
export interface AccountChange {
  readonly email?: string;
  readonly emailConfirmedAt?: number | null;
  readonly passwordHash?: string;
  readonly appMetadata?: Readonly<Record<string, unknown>>;
  readonly userMetadata?: Readonly<Record<string, unknown>>;
  readonly bannedUntil?: number | null;
}

const momentOrNull = (given: number | null) => (given === null ? null : new Date(given));

const setters: Readonly<Record<keyof AccountChange, { column: string; value: (given: never) => unknown }>> = {
  email: { column: "email", value: (given: string) => given },
  passwordHash: { column: "encrypted_password", value: (given: string) => given },
  appMetadata: { column: "raw_app_meta_data", value: (given: object) => JSON.stringify(given) },
  userMetadata: { column: "raw_user_meta_data", value: (given: object) => JSON.stringify(given) },
  emailConfirmedAt: { column: "email_confirmed_at", value: momentOrNull },
  bannedUntil: { column: "banned_until", value: momentOrNull },
};

/** Changes a living account and returns it; null when there is none, "email-taken" when another one has the address. */
export async function updateAccount(
  database: Database,
  id: string,
  change: AccountChange,
  now: number,
): Promise<Account | null | "email-taken"> {
  const values: unknown[] = [id, new Date(now)];
  const sets = ["updated_at = $2"];
  for (const key of Object.keys(setters) as (keyof AccountChange)[]) {
    const given = change[key];
    if (given === undefined) continue;
    values.push(setters[key].value(given as never));
    sets.push(`${setters[key].column} = $${values.length}`);
  }
  const free =
    change.email === undefined
      ? "true"
      : `not exists (select from auth.users o where o.email = $${values.indexOf(change.email) + 1} and o.id <> $1 and o.deleted_at is null)`;
  const { rows } = await database.query<{ id: string }>(
    `with changed as (
       update auth.users set ${sets.join(", ")} where id = $1 and deleted_at is null and ${free} returning id, email
     ), identity as (
       update auth.identities i set identity_data = i.identity_data || jsonb_build_object('email', c.email), updated_at = $2
       from changed c where i.user_id = c.id and i.provider = 'email' and i.identity_data ->> 'email' <> c.email
     )
     select id from changed`,
    values,
  );
  const account = await findAccount(database, id);
  if (account === null || account.deletedAt !== null) return null;
  return rows.length === 0 ? "email-taken" : account;
}

/** Removes the account and everything of it; false when there is none. */
export async function deleteAccount(database: Database, id: string): Promise<boolean> {
  const { rows } = await database.query("delete from auth.users where id = $1 returning id", [id]);
  return rows.length === 1;
}

/** Keeps the row for references but nothing that identifies or admits the person; false when there is none. */
export async function softDeleteAccount(database: Database, id: string, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with gone as (
       update auth.users set deleted_at = $2, updated_at = $2, email = id::text || '@deleted.invalid',
         encrypted_password = null, phone = '', phone_confirmed_at = null, raw_user_meta_data = '{}', raw_app_meta_data = '{}'
       where id = $1 and deleted_at is null returning id
     ), identities as (delete from auth.identities where user_id in (select id from gone)),
     factors as (delete from auth.mfa_factors where user_id in (select id from gone))
     select id from gone`,
    [id, new Date(now)],
  );
  return rows.length === 1;
}
