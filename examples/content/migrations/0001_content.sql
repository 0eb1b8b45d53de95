-- The tables of the content application. Rules about who may do what are not here: they are in security.ts, and are compiled.
-- Accounts are identity's own, so their ids are kept without a foreign key into its schema.

create table public.teams (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 1 and 100),
  owner_id uuid not null
);

create table public.memberships (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null,
  role text not null default 'member' check (role in ('member', 'lead')),
  until timestamptz,
  unique (user_id, team_id)
);

create table public.content (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  team_id uuid references public.teams (id) on delete set null,
  title text not null check (char_length(title) between 1 and 200),
  body text not null default '' check (char_length(body) <= 20000),
  status text not null default 'draft' check (status in ('draft', 'published')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.shares (
  id uuid primary key default gen_random_uuid(),
  content_id uuid not null references public.content (id) on delete cascade,
  user_id uuid not null,
  until timestamptz,
  unique (user_id, content_id)
);

-- The order of lists. Indexes that the conditions of the policy need are compiled with it.
create index content_updated_at on public.content (updated_at desc, id desc);

create function public.touch_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke all on function public.touch_updated_at() from public;

create trigger content_updated_at before update on public.content
  for each row execute function public.touch_updated_at();

-- The application never owns its tables, so it can neither switch row-level security off nor change its own rights.
alter table public.teams owner to holdfast_owner;
alter table public.memberships owner to holdfast_owner;
alter table public.content owner to holdfast_owner;
alter table public.shares owner to holdfast_owner;
alter function public.touch_updated_at() owner to holdfast_owner;
