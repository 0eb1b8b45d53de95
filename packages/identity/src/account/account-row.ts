// Reading an account from SQL: one list of columns for every statement that returns one, and its meaning.
import type { Account, AppMetadata, Factor, Identity } from "./account.ts";

/** The row of an account, as `accountColumns` selects it. */
export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly encrypted_password: string | null;
  readonly email_confirmed_at: Date | null;
  readonly last_sign_in_at: Date | null;
  readonly raw_app_meta_data: Readonly<Record<string, unknown>>;
  readonly raw_user_meta_data: Readonly<Record<string, unknown>>;
  readonly banned_until: Date | null;
  readonly deleted_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly factors: readonly Factor[];
  readonly identities: readonly Identity[];
}

/** Columns of the account `u`, its factors and identities among them. */
export const accountColumns = `
  u.id, u.email, u.encrypted_password, u.email_confirmed_at, u.last_sign_in_at, u.raw_app_meta_data, u.raw_user_meta_data,
  u.banned_until, u.deleted_at, u.created_at, u.updated_at,
  (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'friendlyName', f.friendly_name, 'status', f.status,
      'createdAt', f.created_at, 'updatedAt', f.updated_at, 'lastChallengedAt', f.last_challenged_at)
      order by f.created_at, f.id), '[]') from auth.mfa_factors f where f.user_id = u.id) as factors,
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'providerId', i.provider_id, 'provider', i.provider,
      'identityData', i.identity_data, 'lastSignInAt', i.last_sign_in_at, 'createdAt', i.created_at,
      'updatedAt', i.updated_at) order by i.created_at, i.id), '[]') from auth.identities i where i.user_id = u.id)
      as identities`;

const milliseconds = (date: Date | null): number | null => (date === null ? null : date.getTime());

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

function appMetadata(stored: Readonly<Record<string, unknown>>): AppMetadata {
  return { ...stored, provider: "email", providers: ["email"], roles: strings(stored.roles) };
}

export function accountFromRow(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    passwordHash: row.encrypted_password,
    emailConfirmedAt: milliseconds(row.email_confirmed_at),
    lastSignInAt: milliseconds(row.last_sign_in_at),
    appMetadata: appMetadata(row.raw_app_meta_data),
    userMetadata: row.raw_user_meta_data,
    bannedUntil: milliseconds(row.banned_until),
    deletedAt: milliseconds(row.deleted_at),
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    factors: row.factors,
    identities: row.identities,
  };
}
