// Identities at providers in PostgreSQL. What must hold together is one statement.
import { randomUUID } from "node:crypto";
import type { Account } from "../account/account.ts";
import { type AccountRow, accountColumns, accountFromRow } from "../account/account-row.ts";
import type { Database } from "../database.ts";
import type { UpstreamIdentity } from "./upstream-identity.ts";

export interface KnownIdentity {
  readonly account: Account;
  readonly identityData: Readonly<Record<string, unknown>>;
}

/** The account that has the identity, or null. */
export async function findByIdentity(
  database: Database,
  { provider, subject }: UpstreamIdentity,
): Promise<KnownIdentity | null> {
  const { rows } = await database.query<AccountRow & { readonly known_data: Readonly<Record<string, unknown>> }>(
    `select ${accountColumns}, k.identity_data as known_data
     from auth.identities k join auth.users u on u.id = k.user_id where k.provider = $1 and k.provider_id = $2`,
    [provider, subject],
  );
  const row = rows[0];
  return row === undefined ? null : { account: accountFromRow(row), identityData: row.known_data };
}

/** Notes a sign-in by the identity, and what the provider says of the person now. */
export async function noteSignIn(database: Database, identity: UpstreamIdentity, now: number): Promise<void> {
  await database.query(
    `update auth.identities set identity_data = $3, last_sign_in_at = $4, updated_at = $4
     where provider = $1 and provider_id = $2`,
    [identity.provider, identity.subject, JSON.stringify(identity.data), new Date(now)],
  );
}

/**
 * Adds the identity to a living account, which is then nobody's anonymous one any more; false when somebody has it already, or the
 * account is gone. `takes`: from whoever has it.
 */
export async function addIdentity(
  database: Database,
  userId: string,
  identity: UpstreamIdentity,
  now: number,
  takes: boolean,
): Promise<boolean> {
  const { rows } = await database.query(
    `with added as (
       insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
       select $1, u.id, $3, $4, $5, $6, $6, $6 from auth.users u where u.id = $2 and u.deleted_at is null
       on conflict (provider, provider_id) do update set user_id = excluded.user_id where $7 returning user_id
     )
     update auth.users set is_anonymous = false, updated_at = $6 where id in (select user_id from added) returning id`,
    [randomUUID(), userId, identity.provider, identity.subject, JSON.stringify(identity.data), new Date(now), takes],
  );
  return rows.length === 1;
}

export interface ProvidedAccount {
  readonly id: string;
  /** "" for none. An address that is stored here is confirmed: the provider vouched for it. */
  readonly email: string;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
}

/** Stores an account with the identity as its only one; false when the address or the identity was taken meanwhile. */
export async function insertProvidedAccount(
  database: Database,
  account: ProvidedAccount,
  identity: UpstreamIdentity,
  now: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `with free as (
       select where not exists (select from auth.identities where provider = $7 and provider_id = $8)
     ), added as (
       insert into auth.users (id, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
       select $1, $2, case when $2 <> '' then $3::timestamptz end, $4, $5, $3, $3 from free
       on conflict do nothing returning id
     )
     insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at)
     select $6, id, $7, $8, $9, $3, $3, $3 from added returning id`,
    [
      account.id,
      account.email,
      new Date(now),
      JSON.stringify(account.appMetadata),
      JSON.stringify(account.userMetadata),
      randomUUID(),
      identity.provider,
      identity.subject,
      JSON.stringify(identity.data),
    ],
  );
  return rows.length === 1;
}

/** Removes a sign-up that nobody confirmed or used, whose address turned out to be somebody else's. */
export async function removeUnusedSignUp(database: Database, id: string): Promise<void> {
  await database.query(
    `delete from auth.users where id = $1 and email_confirmed_at is null and last_sign_in_at is null
     and not exists (select from auth.sessions s where s.user_id = $1)`,
    [id],
  );
}

export type IdentityRemoval = "removed" | "unknown" | "last";

/**
 * Removes one of several identities. All of them are locked first: of two removals at once the second finds the one that is
 * left, not the two that its snapshot holds. With the one of kind
 * `email` the password goes: it was the proof of that identity.
 */
export async function removeIdentity(
  database: Database,
  userId: string,
  identityId: string,
  now: number,
): Promise<IdentityRemoval> {
  const { rows } = await database.query<{ found: boolean; removed: boolean }>(
    `with owner as (
       select id from auth.users where id = $1 and deleted_at is null for update
     ), mine as (
       select i.id, i.provider from auth.identities i where i.user_id = (select id from owner) order by i.id for update
     ), gone as (
       delete from auth.identities where id = $2 and id in (select id from mine) and (select count(*) from mine) > 1
       returning provider
     ), changed as (
       update auth.users set updated_at = $3,
         encrypted_password = case when exists (select from gone where provider = 'email') then null else encrypted_password end
       where id in (select id from owner) and exists (select from gone) returning id
     )
     select exists (select from mine where id = $2) as found, exists (select from changed) as removed`,
    [userId, identityId, new Date(now)],
  );
  if (rows[0]?.removed === true) return "removed";
  return rows[0]?.found === true ? "last" : "unknown";
}
