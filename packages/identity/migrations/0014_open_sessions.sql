-- The console lists everybody's sessions, newest first.
create index sessions_created_at_idx on auth.sessions (created_at desc, id);
