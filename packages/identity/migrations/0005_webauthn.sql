-- WebAuthn credentials: passkeys, and security keys that are a second factor. A credential id belongs to one account and one use.

alter table auth.mfa_factors drop constraint mfa_factors_factor_type_check;
alter table auth.mfa_factors add constraint mfa_factors_factor_type_check
  check (factor_type in ('totp', 'webauthn', 'phone', 'recovery_code'));
-- Only an authenticator application has a secret of ours.
alter table auth.mfa_factors alter column sealed_secret drop not null;
alter table auth.mfa_factors add constraint mfa_factors_totp_secret check (factor_type <> 'totp' or sealed_secret is not null);
-- Recovery codes are one set for each account.
create unique index mfa_factors_one_recovery_key on auth.mfa_factors (user_id) where factor_type = 'recovery_code';

create table auth.webauthn_credentials (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  -- The second factor it serves; null for a passkey.
  factor_id uuid references auth.mfa_factors (id) on delete cascade,
  -- W3C WebAuthn Level 3 §7.1 step 26: not registered for any other account. At most 1023 bytes (§4, credential id).
  credential_id bytea not null unique check (length(credential_id) between 16 and 1023),
  -- COSE_Key.
  public_key bytea not null check (length(public_key) <= 2048),
  -- §6.1.1: moves on with each use, or stays zero for ever.
  sign_count bigint not null default 0,
  transports jsonb not null default '[]',
  aaguid uuid not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  friendly_name text not null check (length(friendly_name) <= 120),
  last_used_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index webauthn_credentials_user_id_idx on auth.webauthn_credentials (user_id, created_at);
create unique index webauthn_credentials_factor_id_key on auth.webauthn_credentials (factor_id);

alter table auth.webauthn_credentials enable row level security;
create policy identity_only on auth.webauthn_credentials for all to holdfast_identity using (true) with check (true);
revoke all on auth.webauthn_credentials from public, anon, authenticated;
grant select, insert, update, delete on auth.webauthn_credentials to holdfast_identity;
