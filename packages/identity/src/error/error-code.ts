// Every error code identity answers with. The names are Supabase Auth's wherever it has one; a few are our own.

interface ErrorKind {
  /** The HTTP status, unless the place that refuses says otherwise. */
  readonly status: number;
  readonly message: string;
}

const kind = (status: number, message: string): ErrorKind => ({ status, message });

export const errorKinds = {
  anonymous_provider_disabled: kind(422, "Anonymous sign-ins are disabled"),
  approver_not_independent: kind(403, "Whoever asks for a role, and whoever gets it, cannot decide about it"),
  bad_json: kind(400, "Could not parse request body as JSON"),
  bad_code_verifier: kind(400, "code challenge does not match previously saved code verifier"),
  bad_id_token: kind(400, "Bad ID token"),
  bad_jwt: kind(403, "Invalid JWT: unable to parse or verify signature"),
  bad_oauth_callback: kind(400, "The provider did not say who signed in"),
  bad_oauth_state: kind(400, "OAuth state not found or expired"),
  conflict: kind(409, "Somebody else changed the same thing at the same time; try again"),
  current_password_invalid: kind(400, "Current password is incorrect"),
  current_password_required: kind(400, "Current password required when setting a new password"),
  email_address_invalid: kind(400, "Unable to validate email address: invalid format"),
  email_exists: kind(422, "A user with this email address has already been registered"),
  feature_disabled: kind(404, "This feature is disabled"),
  flow_state_not_found: kind(404, "invalid flow state, no valid flow state found"),
  identity_already_exists: kind(422, "Identity is already linked to another user"),
  identity_not_found: kind(404, "Identity doesn't exist"),
  insufficient_aal: kind(401, "AAL2 session is required for this change while a verified factor exists"),
  insufficient_scope: kind(403, "The token of an OAuth client may not do this"),
  invalid_credentials: kind(400, "Invalid login credentials"),
  manual_linking_disabled: kind(404, "Manual linking is disabled"),
  mfa_challenge_expired: kind(
    422,
    "MFA challenge has expired, verify against another challenge or create a new challenge",
  ),
  mfa_factor_name_conflict: kind(422, "A factor with this friendly name already exists for this user"),
  mfa_factor_not_found: kind(404, "MFA factor with the provided factor ID was not found"),
  mfa_phone_enroll_not_enabled: kind(422, "MFA enroll is disabled for Phone"),
  mfa_totp_enroll_not_enabled: kind(422, "MFA enroll is disabled for TOTP"),
  mfa_verification_failed: kind(422, "Invalid TOTP code entered"),
  mfa_webauthn_enroll_not_enabled: kind(422, "MFA enroll is disabled for WebAuthn"),
  no_authorization: kind(401, "This endpoint requires a valid Bearer token"),
  not_admin: kind(403, "User not allowed"),
  oauth_authorization_not_found: kind(404, "Authorization not found"),
  oauth_client_not_found: kind(404, "OAuth client not found"),
  oauth_consent_not_found: kind(404, "No active grant found for this client"),
  oauth_dynamic_client_registration_disabled: kind(403, "Dynamic client registration is disabled"),
  oauth_provider_not_supported: kind(400, "Unsupported provider: provider is not enabled"),
  over_capacity: kind(503, "Too many passwords are being checked at the moment; try again shortly"),
  over_request_rate_limit: kind(429, "Too many attempts; try again later"),
  password_check_unavailable: kind(503, "The password could not be held against known leaks; try again shortly"),
  phone_provider_disabled: kind(400, "Phone sign-ups and sign-ins are disabled"),
  privileged_account: kind(403, "Only the operator changes how an account with a privileged role signs in"),
  reauthentication_needed: kind(400, "Sign in again to change how you sign in"),
  refresh_token_already_used: kind(400, "Invalid Refresh Token: Already Used"),
  refresh_token_not_found: kind(400, "Invalid Refresh Token: Refresh Token Not Found"),
  request_entity_too_large: kind(413, "Request body is too large"),
  role_approval_required: kind(403, "Another administrator must approve this role; ask for it in the console"),
  role_request_closed: kind(409, "The request was decided already, or has expired"),
  role_request_not_found: kind(404, "There is no such request"),
  route_not_found: kind(404, "There is no such endpoint"),
  saml_provider_disabled: kind(404, "SAML 2.0 is disabled"),
  same_password: kind(422, "New password should be different from the old password"),
  session_expired: kind(400, "Invalid Refresh Token: Session Expired"),
  session_not_found: kind(403, "Session from session_id claim in JWT does not exist"),
  single_identity_not_deletable: kind(422, "User must have at least 1 identity after unlinking"),
  signup_disabled: kind(422, "Signups not allowed for this instance"),
  too_many_enrolled_mfa_factors: kind(422, "Maximum number of enrolled factors reached, unenroll to continue"),
  unexpected_audience: kind(400, "Unacceptable audience in id_token"),
  unexpected_failure: kind(500, "Unexpected failure, please check server logs for more information"),
  user_banned: kind(400, "User is banned"),
  user_not_found: kind(404, "User not found"),
  validation_failed: kind(400, "The request is not valid"),
  weak_password: kind(422, "Password is too weak"),
  web3_provider_disabled: kind(422, "Web3 provider is disabled"),
} as const satisfies Record<string, ErrorKind>;

export type IdentityErrorCode = keyof typeof errorKinds;
