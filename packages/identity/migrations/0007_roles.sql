-- Roles that need somebody else's approval: who asked for whom and why, and what became of it. The roles of an account stay in
-- auth.users.raw_app_meta_data, where tokens take them from; a grant remembers by whom, why, and until when.

create table auth.role_requests (
  id uuid primary key,
  -- Whom the role is for.
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null check (length(role) <= 63),
  -- No reference: what an administrator asked for stays on record when their account goes.
  requested_by uuid not null,
  reason text not null check (length(reason) between 1 and 200),
  -- When the grant ends by itself.
  until timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Set once, by one statement: a request is decided one time.
  decided_at timestamptz,
  decided_by uuid,
  decision text check (decision in ('approved', 'refused', 'withdrawn', 'expired')),
  note text not null default '' check (length(note) <= 200),
  constraint role_requests_decided check ((decided_at is null) = (decision is null))
);
create index role_requests_user_id_idx on auth.role_requests (user_id);
create index role_requests_created_at_idx on auth.role_requests (created_at desc, id);
create index role_requests_open_idx on auth.role_requests (expires_at) where decided_at is null;

create table auth.role_grants (
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null check (length(role) <= 63),
  granted_at timestamptz not null,
  -- Null for the operator and for the service key.
  granted_by uuid,
  approved_by uuid,
  request_id uuid,
  reason text not null default '' check (length(reason) <= 200),
  until timestamptz,
  primary key (user_id, role)
);
create index role_grants_until_idx on auth.role_grants (until) where until is not null;
create index role_grants_granted_at_idx on auth.role_grants (granted_at);

-- A session in which an administrator acts as somebody else (RFC 8693 section 4.1): who, from which session of theirs, and why.
alter table auth.sessions
  add column actor_id uuid,
  add column actor_session_id uuid,
  add column act_reason text check (length(act_reason) between 1 and 200),
  add constraint sessions_actor_whole check (
    (actor_id is null) = (actor_session_id is null) and (actor_id is null) = (act_reason is null)),
  add constraint sessions_actor_is_another check (actor_id <> user_id);
create index sessions_actor_session_id_idx on auth.sessions (actor_session_id) where actor_session_id is not null;

-- Looking people up by the beginning of their address, and by role.
create index users_email_prefix_idx on auth.users (email text_pattern_ops) where deleted_at is null;
create index users_roles_idx on auth.users using gin ((raw_app_meta_data -> 'roles'));

do $$
declare
  name text;
begin
  foreach name in array array['role_requests', 'role_grants'] loop
    execute format('alter table auth.%I enable row level security', name);
    execute format('create policy identity_only on auth.%I for all to holdfast_identity using (true) with check (true)', name);
    execute format('revoke all on auth.%I from public, anon, authenticated', name);
    execute format('grant select, insert, update, delete on auth.%I to holdfast_identity', name);
  end loop;
end $$;
