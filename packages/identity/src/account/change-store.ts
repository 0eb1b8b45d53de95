// Changes of an address or a number that wait to be confirmed, in PostgreSQL. Each step is one statement that states what it expects.
import { randomUUID } from "node:crypto";
import type { Statements } from "../database.ts";

/** Notes the address that is to come; what was confirmed of an earlier wish is forgotten. */
export async function noteNewEmail(database: Statements, id: string, email: string, now: number): Promise<void> {
  await database.query(
    `update auth.users set email_change = $2, email_change_sent_at = $3, email_change_current_at = null,
       email_change_new_at = null, updated_at = $3 where id = $1 and deleted_at is null`,
    [id, email, new Date(now)],
  );
}

export async function noteNewPhone(database: Statements, id: string, phone: string, now: number): Promise<void> {
  await database.query(
    "update auth.users set phone_change = $2, phone_change_sent_at = $3, updated_at = $3 where id = $1 and deleted_at is null",
    [id, phone, new Date(now)],
  );
}

export async function noteReauthentication(database: Statements, id: string, now: number): Promise<void> {
  await database.query("update auth.users set reauthentication_sent_at = $2, updated_at = $2 where id = $1", [
    id,
    new Date(now),
  ]);
}

export type Side = "current" | "new";

/** One side agrees to the change to `email`; false when that change is no longer wanted. */
export async function noteConfirmation(
  database: Statements,
  confirmation: { readonly id: string; readonly email: string; readonly side: Side },
  now: number,
): Promise<boolean> {
  const column = confirmation.side === "current" ? "email_change_current_at" : "email_change_new_at";
  const { rows } = await database.query(
    `update auth.users set ${column} = $3, updated_at = $3
     where id = $1 and email_change = $2 and deleted_at is null returning id`,
    [confirmation.id, confirmation.email, new Date(now)],
  );
  return rows.length === 1;
}

export interface AppliedEmail {
  readonly id: string;
  readonly email: string;
  /** Which sides must have agreed. */
  readonly needed: readonly Side[];
  /** For an anonymous person who becomes a permanent one. */
  readonly roles: readonly string[];
  readonly passwordHash: string | null;
}

/**
 * Puts the new address in place once every needed side has agreed; false until then. Of two confirmations that meet, one applies.
 * A living account that has the address by now breaks a unique index.
 */
export async function applyNewEmail(database: Statements, applied: AppliedEmail, now: number): Promise<boolean> {
  const { rows } = await database.query(
    `with changed as (
       update auth.users set email = email_change, email_confirmed_at = $3, email_change = '', email_change_sent_at = null,
         email_change_current_at = null, email_change_new_at = null, is_anonymous = false, updated_at = $3,
         encrypted_password = coalesce($6, encrypted_password),
         raw_app_meta_data = case when is_anonymous then raw_app_meta_data || jsonb_build_object('roles', $5::jsonb) else raw_app_meta_data end
       where id = $1 and email_change = $2 and deleted_at is null
         and (email_change_current_at is not null or not 'current' = any($4))
         and (email_change_new_at is not null or not 'new' = any($4))
       returning id, email
     ), identity as (
       update auth.identities i set updated_at = $3,
         identity_data = i.identity_data || jsonb_build_object('email', c.email, 'email_verified', true)
       from changed c where i.user_id = c.id and i.provider = 'email' returning i.id
     ), added as (
       insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
       select $7, c.id, 'email', c.id::text,
         jsonb_build_object('sub', c.id, 'email', c.email, 'email_verified', true, 'phone_verified', false), $3, $3
       from changed c where not exists (select from auth.identities where user_id = c.id and provider = 'email')
     )
     select id from changed`,
    [
      applied.id,
      applied.email,
      new Date(now),
      applied.needed,
      JSON.stringify(applied.roles),
      applied.passwordHash,
      randomUUID(),
    ],
  );
  return rows.length === 1;
}

/** Puts the new number in place; false when that change is no longer wanted. */
export async function applyNewPhone(
  database: Statements,
  applied: {
    readonly id: string;
    readonly phone: string;
    readonly roles: readonly string[];
    readonly passwordHash: string | null;
  },
  now: number,
): Promise<boolean> {
  const { rows } = await database.query(
    `with changed as (
       update auth.users set phone = phone_change, phone_confirmed_at = $3, phone_change = '', phone_change_sent_at = null,
         is_anonymous = false, updated_at = $3, encrypted_password = coalesce($6, encrypted_password),
         raw_app_meta_data = case when is_anonymous then raw_app_meta_data || jsonb_build_object('roles', $4::jsonb) else raw_app_meta_data end
       where id = $1 and phone_change = $2 and deleted_at is null returning id, phone
     ), identity as (
       update auth.identities i set updated_at = $3,
         identity_data = i.identity_data || jsonb_build_object('phone', c.phone, 'phone_verified', true)
       from changed c where i.user_id = c.id and i.provider = 'phone' returning i.id
     ), added as (
       insert into auth.identities (id, user_id, provider, provider_id, identity_data, created_at, updated_at)
       select $5, c.id, 'phone', c.id::text,
         jsonb_build_object('sub', c.id, 'phone', c.phone, 'email_verified', false, 'phone_verified', true), $3, $3
       from changed c where not exists (select from auth.identities where user_id = c.id and provider = 'phone')
     )
     select id from changed`,
    [applied.id, applied.phone, new Date(now), JSON.stringify(applied.roles), randomUUID(), applied.passwordHash],
  );
  return rows.length === 1;
}
