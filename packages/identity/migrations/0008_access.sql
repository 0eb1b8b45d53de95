-- The review of who can do what looks for accounts that nobody has used for long.
create index users_last_used_idx on auth.users ((coalesce(last_sign_in_at, created_at))) where deleted_at is null;
