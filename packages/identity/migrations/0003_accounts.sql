-- Anonymous people, who hold nothing but a session, and changes of an address or a number that wait to be confirmed. '' is none.
alter table auth.users
  alter column email set default '',
  add column is_anonymous boolean not null default false,
  -- The address that takes the place of `email` once both have confirmed the change, and which of them has.
  add column email_change text not null default '',
  add column email_change_sent_at timestamptz,
  add column email_change_current_at timestamptz,
  add column email_change_new_at timestamptz,
  add column phone_change text not null default '',
  add column phone_change_sent_at timestamptz,
  add column reauthentication_sent_at timestamptz,
  -- E.164 without its plus sign, as Supabase Auth stores it.
  add constraint users_phone_is_e164 check (phone = '' or phone ~ '^[1-9][0-9]{1,14}$'),
  add constraint users_email_change_length check (length(email_change) <= 254);

-- Anonymous accounts that nobody can come back to are removed by their age.
create index users_anonymous_idx on auth.users (created_at) where is_anonymous;
