-- What is called back before its time: sessions, service keys and signing keys. Every instance of identity reads here what
-- another one called back (src/revocation/watch.ts).

-- The sessions that ended are read by PostgreSQL itself (holdfast.verified), so they are kept where it keeps its own.
insert into holdfast_keeper.ended_sessions (session_id, ended_at, until)
select session_id::text, ended_at, until from auth.ended_sessions on conflict do nothing;
drop table auth.ended_sessions;

-- Which transaction recorded the end. Whoever asks for all since the oldest transaction that ran at the last look misses none,
-- however long a transaction took to commit; a sequence or a clock would not do.
alter table holdfast_keeper.ended_sessions add column recorded_in xid8 not null default pg_current_xact_id();
create index ended_sessions_recorded_in_idx on holdfast_keeper.ended_sessions (recorded_in);

-- No session goes without a record, whatever removed its row: an account that is deleted takes its sessions along. What ends a
-- session by intent has recorded it before this runs, with the program's time. An hour is the longest life of an access token
-- that a policy can ask for.
create function auth.record_ended_session() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into holdfast_keeper.ended_sessions (session_id, ended_at, until)
  values (old.id::pg_catalog.text, pg_catalog.now(), pg_catalog.now() + interval '1 hour 10 minutes') on conflict do nothing;
  return null;
end
$$;
create trigger record_ended_session after delete on auth.sessions for each row execute function auth.record_ended_session();

-- The sweep looks for sessions that nobody came back to, and keys are shown with the sessions that hold a token of theirs.
create index sessions_refreshed_at_idx on auth.sessions (refreshed_at);

-- The public halves of the keys that sign access tokens; the private one of the current key is in the vault.
create table auth.signing_keys (
  kid text primary key check (kid ~ '^[A-Za-z0-9_-]{43}$'),
  public_key jsonb not null,
  made_at timestamptz not null,
  -- Signs nothing since; its tokens are believed until the last of them has run out.
  retired_at timestamptz,
  -- Its tokens are refused since.
  revoked_at timestamptz
);

-- The service keys that were issued. One that is revoked is among the sessions that ended, under its id.
create table auth.service_keys (
  id uuid primary key,
  kid text not null,
  label text not null default '' check (length(label) <= 64),
  made_at timestamptz not null,
  expires_at timestamptz not null
);
create index service_keys_kid_idx on auth.service_keys (kid);
create index service_keys_expires_at_idx on auth.service_keys (expires_at);

do $$
declare
  name text;
begin
  foreach name in array array['signing_keys', 'service_keys'] loop
    execute format('alter table auth.%I enable row level security', name);
    execute format('create policy identity_only on auth.%I for all to holdfast_identity using (true) with check (true)', name);
    execute format('revoke all on auth.%I from public, anon, authenticated', name);
    execute format('grant select, insert, update, delete on auth.%I to holdfast_identity', name);
  end loop;
end $$;
