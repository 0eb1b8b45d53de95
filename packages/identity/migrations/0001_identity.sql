-- The tables of identity. Column names follow Supabase Auth where it has the same column, so that foreign keys and triggers
-- written for it keep working. Only holdfast_identity may use them: row-level security is on with one policy for that role,
-- and anon and authenticated have no privilege at all. Every moment is given by the program's clock, never by now().

create table auth.users (
  id uuid primary key,
  aud text not null default 'authenticated',
  role text not null default 'authenticated',
  email text not null,
  encrypted_password text,
  email_confirmed_at timestamptz,
  last_sign_in_at timestamptz,
  raw_app_meta_data jsonb not null default '{}',
  raw_user_meta_data jsonb not null default '{}',
  banned_until timestamptz,
  deleted_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint users_role_is_authenticated check (role = 'authenticated'),
  constraint users_email_length check (length(email) <= 254)
);
-- An address belongs to one living account; a softly deleted account gives its address back.
create unique index users_email_key on auth.users (email) where deleted_at is null;
create index users_created_at_idx on auth.users (created_at desc, id);

create table auth.identities (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  provider text not null,
  provider_id text not null,
  identity_data jsonb not null default '{}',
  last_sign_in_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider, provider_id)
);
create index identities_user_id_idx on auth.identities (user_id);

create table auth.sessions (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  aal text not null default 'aal1' check (aal in ('aal1', 'aal2')),
  -- [{"method","timestamp"}], newest first.
  amr jsonb not null default '[]',
  -- The counter of the one refresh token that is current, and the salt of the session's key.
  refresh_counter integer not null default 0,
  refresh_salt bytea not null,
  -- When the current refresh token replaced the one before it.
  rotated_at timestamptz not null,
  -- Last sign of life: the idle limit counts from here.
  refreshed_at timestamptz not null,
  -- The absolute limit.
  not_after timestamptz not null,
  user_agent text not null default '',
  ip text not null default '',
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index sessions_user_id_idx on auth.sessions (user_id, created_at desc);
create index sessions_not_after_idx on auth.sessions (not_after);

-- Sessions that ended while an access token of theirs may still be unexpired. The gateway refuses those tokens.
create table auth.ended_sessions (
  session_id uuid primary key,
  ended_at timestamptz not null,
  -- No access token of the session is valid after this.
  until timestamptz not null
);
create index ended_sessions_until_idx on auth.ended_sessions (until);

create table auth.mfa_factors (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  friendly_name text not null default '',
  factor_type text not null check (factor_type = 'totp'),
  status text not null default 'unverified' check (status in ('unverified', 'verified')),
  -- AES-256-GCM under a key of the vault; bound to the factor's id.
  sealed_secret bytea not null,
  -- The last time step whose code was accepted (RFC 6238 section 5.2): a code of it or of an earlier step is spent.
  last_step integer not null default -1,
  last_challenged_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index mfa_factors_user_id_idx on auth.mfa_factors (user_id);
create unique index mfa_factors_name_key on auth.mfa_factors (user_id, friendly_name) where friendly_name <> '';

create table auth.mfa_challenges (
  id uuid primary key,
  factor_id uuid not null references auth.mfa_factors (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  verified_at timestamptz
);
create index mfa_challenges_factor_id_idx on auth.mfa_challenges (factor_id);
create index mfa_challenges_expires_at_idx on auth.mfa_challenges (expires_at);

-- Attempts at something that can be guessed, counted per account and per address in one window. Keys of accounts are hashes
-- of the address that was typed, known or not: this table does not tell which accounts exist.
create table auth.attempts (
  key text primary key,
  attempts integer not null,
  window_ends_at timestamptz not null
);
create index attempts_window_ends_at_idx on auth.attempts (window_ends_at);

do $$
declare
  name text;
begin
  foreach name in array array['users', 'identities', 'sessions', 'ended_sessions', 'mfa_factors', 'mfa_challenges', 'attempts'] loop
    execute format('alter table auth.%I enable row level security', name);
    execute format('create policy identity_only on auth.%I for all to holdfast_identity using (true) with check (true)', name);
    execute format('revoke all on auth.%I from public, anon, authenticated', name);
    execute format('grant select, insert, update, delete on auth.%I to holdfast_identity', name);
  end loop;
end $$;

grant usage on schema auth to holdfast_identity;
-- Tables of the application may point at accounts; its owner may not read them.
grant references (id) on auth.users to holdfast_owner;
