// An account as identity thinks of it, and the JSON of a Supabase user that it becomes.

export interface AppMetadata {
  /** The first way to sign in that the account got, and all of them; absent while it has none. */
  readonly provider?: string;
  readonly providers?: readonly string[];
  readonly roles: readonly string[];
  readonly [key: string]: unknown;
}

export type FactorType = "totp" | "webauthn" | "phone" | "recovery_code";

export interface Factor {
  readonly id: string;
  readonly type: FactorType;
  readonly friendlyName: string;
  /** E.164 without its plus sign; '' for every kind but phone. */
  readonly phone: string;
  readonly status: "unverified" | "verified";
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly lastChallengedAt: string | null;
}

export interface Identity {
  readonly id: string;
  readonly providerId: string;
  readonly provider: string;
  readonly identityData: Readonly<Record<string, unknown>>;
  readonly lastSignInAt: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** When a message of each kind last went out. */
export interface SentAt {
  readonly confirmation: number | null;
  readonly recovery: number | null;
  readonly emailChange: number | null;
  readonly phoneChange: number | null;
  readonly reauthentication: number | null;
}

export const nothingSent: SentAt = {
  confirmation: null,
  recovery: null,
  emailChange: null,
  phoneChange: null,
  reauthentication: null,
};

export interface Account {
  readonly id: string;
  /** '' is none. */
  readonly email: string;
  /** E.164 without its plus sign; '' is none. */
  readonly phone: string;
  readonly isAnonymous: boolean;
  readonly passwordHash: string | null;
  readonly emailConfirmedAt: number | null;
  readonly phoneConfirmedAt: number | null;
  readonly invitedAt: number | null;
  /** The address or number that a pending change asks for; '' is none. */
  readonly newEmail: string;
  readonly newPhone: string;
  readonly sentAt: SentAt;
  readonly lastSignInAt: number | null;
  readonly appMetadata: AppMetadata;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  readonly bannedUntil: number | null;
  readonly deletedAt: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** When roles end that were given for a time, by role, in milliseconds. */
  readonly roleEnds: Readonly<Record<string, number>>;
  readonly factors: readonly Factor[];
  /** Ids of its passkeys. */
  readonly passkeys: readonly string[];
  readonly identities: readonly Identity[];
}

const moment = (milliseconds: number): string => new Date(milliseconds).toISOString();
const sometime = (name: string, milliseconds: number | null) =>
  milliseconds === null ? {} : { [name]: moment(milliseconds) };
const text = (time: string): string => new Date(time).toISOString();

const unlessEmpty = (name: string, value: string) => (value === "" ? {} : { [name]: value });

/** A factor as auth-js reads it. */
export const factorJson = (factor: Factor) => ({
  id: factor.id,
  status: factor.status,
  friendly_name: factor.friendlyName,
  factor_type: factor.type,
  ...unlessEmpty("phone", factor.phone),
  created_at: text(factor.createdAt),
  updated_at: text(factor.updatedAt),
  ...(factor.lastChallengedAt === null ? {} : { last_challenged_at: text(factor.lastChallengedAt) }),
});

const identityJson = (account: Account, identity: Identity) => ({
  identity_id: identity.id,
  id: identity.providerId,
  user_id: account.id,
  identity_data: identity.identityData,
  provider: identity.provider,
  ...(identity.lastSignInAt === null ? {} : { last_sign_in_at: text(identity.lastSignInAt) }),
  created_at: text(identity.createdAt),
  updated_at: text(identity.updatedAt),
  ...(typeof identity.identityData.email === "string" ? { email: identity.identityData.email } : {}),
});

/** The earlier of two moments: Supabase's confirmed_at. */
const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

/** The user object of Supabase Auth. Never contains the password's hash or a factor's secret. */
export function userJson(account: Account): Record<string, unknown> {
  return {
    id: account.id,
    aud: "authenticated",
    role: "authenticated",
    email: account.email,
    ...sometime("email_confirmed_at", account.emailConfirmedAt),
    ...sometime("invited_at", account.invitedAt),
    phone: account.phone,
    ...sometime("phone_confirmed_at", account.phoneConfirmedAt),
    ...sometime("confirmation_sent_at", account.sentAt.confirmation),
    ...sometime("confirmed_at", earlier(account.emailConfirmedAt, account.phoneConfirmedAt)),
    ...sometime("recovery_sent_at", account.sentAt.recovery),
    ...unlessEmpty("new_email", account.newEmail),
    ...sometime("email_change_sent_at", account.sentAt.emailChange),
    ...unlessEmpty("new_phone", account.newPhone),
    ...sometime("phone_change_sent_at", account.sentAt.phoneChange),
    ...sometime("reauthentication_sent_at", account.sentAt.reauthentication),
    ...sometime("last_sign_in_at", account.lastSignInAt),
    app_metadata: account.appMetadata,
    user_metadata: account.userMetadata,
    identities: account.identities.map((identity) => identityJson(account, identity)),
    ...(account.factors.length === 0 ? {} : { factors: account.factors.map(factorJson) }),
    created_at: moment(account.createdAt),
    updated_at: moment(account.updatedAt),
    ...sometime("banned_until", account.bannedUntil),
    ...sometime("deleted_at", account.deletedAt),
    is_anonymous: account.isAnonymous,
  };
}
