-- Sign-in by provider and the OAuth 2.1 server: clients, what they ask for, what people granted them, and which sessions are
-- theirs. A session of a client is never a person's own: its mark cannot go before the session does.

create table auth.oauth_clients (
  id uuid primary key,
  name text not null check (length(name) between 1 and 256),
  client_type text not null check (client_type in ('public', 'confidential')),
  token_endpoint_auth_method text not null
    check (token_endpoint_auth_method in ('none', 'client_secret_basic', 'client_secret_post')),
  registration_type text not null check (registration_type in ('manual', 'dynamic')),
  -- SHA-256 of 32 random bytes: there is nothing to guess, so nothing to slow down.
  secret_hash bytea,
  client_uri text,
  logo_uri text,
  redirect_uris text[] not null check (cardinality(redirect_uris) between 1 and 10),
  grant_types text[] not null,
  scope text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint oauth_clients_secret check ((client_type = 'confidential') = (secret_hash is not null))
);
create index oauth_clients_created_at_idx on auth.oauth_clients (created_at desc, id);

-- One request of a client for somebody's consent, from /oauth/authorize until its code is spent or it runs out.
create table auth.oauth_authorizations (
  id uuid primary key,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  -- Null until somebody who is signed in opens it; from then on it is theirs.
  user_id uuid references auth.users (id) on delete cascade,
  redirect_uri text not null,
  scope text not null,
  state text,
  nonce text,
  code_challenge text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'denied')),
  -- SHA-256 of the code it gave, to know a code that comes a second time and end what it gave (RFC 9700 section 2.1.1).
  code_hash bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index oauth_authorizations_client_id_idx on auth.oauth_authorizations (client_id);
create index oauth_authorizations_user_id_idx on auth.oauth_authorizations (user_id);
create index oauth_authorizations_expires_at_idx on auth.oauth_authorizations (expires_at);
create unique index oauth_authorizations_code_hash_key on auth.oauth_authorizations (code_hash) where code_hash is not null;

create table auth.oauth_consents (
  user_id uuid not null references auth.users (id) on delete cascade,
  client_id uuid not null references auth.oauth_clients (id) on delete cascade,
  scope text not null,
  granted_at timestamptz not null,
  primary key (user_id, client_id)
);
create index oauth_consents_client_id_idx on auth.oauth_consents (client_id);

create table auth.oauth_sessions (
  session_id uuid primary key references auth.sessions (id) on delete cascade,
  -- Restricted: a client that goes away must not turn its sessions into the person's own.
  client_id uuid not null references auth.oauth_clients (id) on delete restrict,
  authorization_id uuid not null,
  scope text not null
);
create index oauth_sessions_client_id_idx on auth.oauth_sessions (client_id);
create index oauth_sessions_authorization_id_idx on auth.oauth_sessions (authorization_id);

-- ID tokens that signed somebody in (grant_type=id_token), until they end: each does so once.
create table auth.spent_id_tokens (
  token_hash bytea primary key,
  expires_at timestamptz not null
);
create index spent_id_tokens_expires_at_idx on auth.spent_id_tokens (expires_at);

do $$
declare
  name text;
begin
  foreach name in array array['oauth_clients', 'oauth_authorizations', 'oauth_consents', 'oauth_sessions', 'spent_id_tokens'] loop
    execute format('alter table auth.%I enable row level security', name);
    execute format('create policy identity_only on auth.%I for all to holdfast_identity using (true) with check (true)', name);
    execute format('revoke all on auth.%I from public, anon, authenticated', name);
    execute format('grant select, insert, update, delete on auth.%I to holdfast_identity', name);
  end loop;
end $$;
