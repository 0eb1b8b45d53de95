-- What is mailed, or otherwise used once: codes, links, states, challenges. And what accounts need that have no address, or
-- one that is not confirmed yet.

alter table auth.users
  -- '' is none, as for the email address.
  add column phone text not null default '',
  add column phone_confirmed_at timestamptz,
  add column invited_at timestamptz,
  add column confirmation_sent_at timestamptz,
  add column recovery_sent_at timestamptz,
  add constraint users_phone_length check (length(phone) <= 15);

drop index auth.users_email_key;
create unique index users_email_key on auth.users (email) where deleted_at is null and email <> '';
create unique index users_phone_key on auth.users (phone) where deleted_at is null and phone <> '';

create table auth.one_time_tokens (
  id uuid primary key,
  purpose text not null,
  user_id uuid references auth.users (id) on delete cascade,
  -- Whom or what it is for: an address, an account, a browser. '' is nobody in particular.
  subject text not null default '',
  -- HMAC-SHA-256 under a key that is not in the database: who reads the table cannot try six digits against it.
  secret_hash bytea,
  code_hash bytea,
  payload jsonb not null default '{}',
  -- Wrong guesses at the code.
  attempts integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  spent_at timestamptz,
  constraint one_time_tokens_has_a_secret check (secret_hash is not null or code_hash is not null)
);
create index one_time_tokens_secret_idx on auth.one_time_tokens (purpose, secret_hash);
create index one_time_tokens_subject_idx on auth.one_time_tokens (purpose, subject);
create index one_time_tokens_user_id_idx on auth.one_time_tokens (user_id);
create index one_time_tokens_expires_at_idx on auth.one_time_tokens (expires_at);

alter table auth.one_time_tokens enable row level security;
create policy identity_only on auth.one_time_tokens for all to holdfast_identity using (true) with check (true);
revoke all on auth.one_time_tokens from public, anon, authenticated;
grant select, insert, update, delete on auth.one_time_tokens to holdfast_identity;
