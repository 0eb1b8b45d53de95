// Reading an account from SQL: one list of columns for every statement that returns one, and its meaning.
import type { Account, AppMetadata, Factor, Identity } from "./account.ts";

/** The row of an account, as `accountColumns` selects it. */
export interface AccountRow {
  readonly id: string;
  readonly email: string;
  readonly phone: string;
  readonly is_anonymous: boolean;
  readonly encrypted_password: string | null;
  readonly email_confirmed_at: Date | null;
  readonly phone_confirmed_at: Date | null;
  readonly invited_at: Date | null;
  readonly confirmation_sent_at: Date | null;
  readonly recovery_sent_at: Date | null;
  readonly email_change: string;
  readonly email_change_sent_at: Date | null;
  readonly phone_change: string;
  readonly phone_change_sent_at: Date | null;
  readonly reauthentication_sent_at: Date | null;
  readonly last_sign_in_at: Date | null;
  readonly raw_app_meta_data: Readonly<Record<string, unknown>>;
  readonly raw_user_meta_data: Readonly<Record<string, unknown>>;
  readonly banned_until: Date | null;
  readonly deleted_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
  readonly role_ends: Readonly<Record<string, number>>;
  readonly factors: readonly Factor[];
  readonly passkeys: readonly string[];
  readonly identities: readonly Identity[];
}

/** Columns of the account `u`, its factors and identities among them. */
export const accountColumns = `
  u.id, u.email, u.phone, u.is_anonymous, u.encrypted_password, u.email_confirmed_at, u.phone_confirmed_at, u.invited_at,
  u.confirmation_sent_at, u.recovery_sent_at, u.email_change, u.email_change_sent_at, u.phone_change, u.phone_change_sent_at,
  u.reauthentication_sent_at, u.last_sign_in_at, u.raw_app_meta_data, u.raw_user_meta_data,
  u.banned_until, u.deleted_at, u.created_at, u.updated_at,
  (select coalesce(jsonb_object_agg(g.role, extract(epoch from g.until) * 1000), '{}') from auth.role_grants g
      where g.user_id = u.id and g.until is not null) as role_ends,
  (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'type', f.factor_type, 'friendlyName', f.friendly_name, 'status', f.status,
      'phone', f.phone,
      'createdAt', f.created_at, 'updatedAt', f.updated_at, 'lastChallengedAt', f.last_challenged_at)
      order by f.created_at, f.id), '[]') from auth.mfa_factors f where f.user_id = u.id) as factors,
  (select coalesce(jsonb_agg(p.id order by p.created_at, p.id), '[]') from auth.webauthn_credentials p
      where p.user_id = u.id and p.factor_id is null) as passkeys,
  (select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'providerId', i.provider_id, 'provider', i.provider,
      'identityData', i.identity_data, 'lastSignInAt', i.last_sign_in_at, 'createdAt', i.created_at,
      'updatedAt', i.updated_at) order by i.created_at, i.provider, i.id), '[]') from auth.identities i where i.user_id = u.id)
      as identities`;

const milliseconds = (date: Date | null): number | null => (date === null ? null : date.getTime());

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];

function appMetadata(stored: Readonly<Record<string, unknown>>, identities: readonly Identity[]): AppMetadata {
  const providers = [...new Set(identities.map(({ provider }) => provider))];
  const [provider] = providers;
  return { ...stored, ...(provider === undefined ? {} : { provider, providers }), roles: strings(stored.roles) };
}

export function accountFromRow(row: AccountRow): Account {
  return {
    id: row.id,
    email: row.email,
    phone: row.phone,
    isAnonymous: row.is_anonymous,
    passwordHash: row.encrypted_password,
    emailConfirmedAt: milliseconds(row.email_confirmed_at),
    phoneConfirmedAt: milliseconds(row.phone_confirmed_at),
    invitedAt: milliseconds(row.invited_at),
    newEmail: row.email_change,
    newPhone: row.phone_change,
    sentAt: {
      confirmation: milliseconds(row.confirmation_sent_at),
      recovery: milliseconds(row.recovery_sent_at),
      emailChange: milliseconds(row.email_change_sent_at),
      phoneChange: milliseconds(row.phone_change_sent_at),
      reauthentication: milliseconds(row.reauthentication_sent_at),
    },
    lastSignInAt: milliseconds(row.last_sign_in_at),
    appMetadata: appMetadata(row.raw_app_meta_data, row.identities),
    userMetadata: row.raw_user_meta_data,
    bannedUntil: milliseconds(row.banned_until),
    deletedAt: milliseconds(row.deleted_at),
    createdAt: row.created_at.getTime(),
    updatedAt: row.updated_at.getTime(),
    roleEnds: row.role_ends,
    factors: row.factors,
    passkeys: row.passkeys,
    identities: row.identities,
  };
}
