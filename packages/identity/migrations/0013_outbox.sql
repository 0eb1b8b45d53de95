-- Messages whose first try failed, or that a stop found unsent: sent by whichever instance holds the row, once.
create table auth.outbox (
  id uuid primary key,
  -- The message and whom the event is about, sealed: a code or a link in it is a credential.
  sealed bytea not null,
  -- Tries that failed.
  failed integer not null,
  -- The process that will try next, and until when the others leave it to that.
  holder uuid not null,
  held_until timestamptz not null,
  created_at timestamptz not null
);
create index outbox_held_until_idx on auth.outbox (held_until);

alter table auth.outbox enable row level security;
create policy identity_only on auth.outbox for all to holdfast_identity using (true) with check (true);
revoke all on auth.outbox from public, anon, authenticated;
grant select, insert, update, delete on auth.outbox to holdfast_identity;
