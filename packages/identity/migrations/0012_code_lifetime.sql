-- A code of six digits lives shorter than the link it is mailed with (ASVS 5.0 V6.5.5). Null: as long as the link.
alter table auth.one_time_tokens add column code_expires_at timestamptz;
