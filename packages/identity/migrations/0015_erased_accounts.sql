-- Accounts that are gone, until their data keys are destroyed for certain. A trigger writes it, so that no way to delete one forgets it.
create table auth.erased_accounts (
  user_id uuid primary key,
  erased_at timestamptz not null
);
create index erased_accounts_erased_at_idx on auth.erased_accounts (erased_at);

alter table auth.erased_accounts enable row level security;
create policy identity_only on auth.erased_accounts for all to holdfast_identity using (true) with check (true);
revoke all on auth.erased_accounts from public, anon, authenticated;
grant select, insert, delete on auth.erased_accounts to holdfast_identity;

create function auth.note_erased_account() returns trigger language plpgsql set search_path = '' as $$
begin
  insert into auth.erased_accounts (user_id, erased_at) values (old.id, coalesce(old.deleted_at, new.deleted_at, now()))
    on conflict do nothing;
  return null;
end $$;
revoke all on function auth.note_erased_account() from public;
create trigger note_erased_account after delete on auth.users for each row execute function auth.note_erased_account();
create trigger note_softly_erased_account after update of deleted_at on auth.users for each row
  when (new.deleted_at is not null and old.deleted_at is null) execute function auth.note_erased_account();
