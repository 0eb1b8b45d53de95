-- The sweep looks for enrolments that nobody finished, among the factors of everybody.
create index mfa_factors_unverified_idx on auth.mfa_factors (created_at) where status = 'unverified';
