-- Private notes of authors. Their text is sealed before it reaches PostgreSQL, which takes nothing else into such a column;
-- the key of a row is chosen by whoever writes it, because a value is sealed for its row.

create table public.notes (
  id uuid primary key,
  content_id uuid not null references public.content (id) on delete cascade,
  owner_id uuid not null,
  body holdfast.sealed not null,
  created_at timestamptz not null default now()
);

create index notes_content_id on public.notes (content_id, created_at);

alter table public.notes owner to holdfast_owner;
