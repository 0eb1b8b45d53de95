-- A text message as a second factor: E.164 without its plus sign, '' for every other kind.
alter table auth.mfa_factors
  add column phone text not null default '',
  add constraint mfa_factors_phone check ((factor_type = 'phone') = (phone <> '')),
  add constraint mfa_factors_phone_is_e164 check (phone = '' or phone ~ '^[1-9][0-9]{1,14}$');
