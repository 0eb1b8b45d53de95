// What a refusal means to the person before the page. The server's own words are shown only where nothing better is known.
import { ProblemError } from "./problem-error.ts";
import { ReactError } from "./react-error.ts";

/** By identity's code, which is Supabase Auth's; the platform's API writes `identity/` before it. */
const sentences: Readonly<Record<string, string>> = {
  invalid_credentials: "The e-mail address or the password is wrong.",
  user_already_exists: "This address cannot be signed up. If it is yours, sign in instead.",
  email_exists: "This address cannot be signed up. If it is yours, sign in instead.",
  email_not_confirmed: "Confirm your address first: the message has a link. “Sign in by mail” sends you another one.",
  otp_expired: "That code or link is wrong, was used, or has run out.",
  over_email_send_rate_limit: "Too many messages to this address. Wait a while.",
  email_address_invalid: "This is no address that mail can be sent to.",
  signup_disabled: "New accounts are closed at the moment.",
  weak_password: "This password is too easy to guess. Choose a longer or less common one.",
  current_password_invalid: "The present password is wrong.",
  reauthentication_needed: "Sign out and in again first: this needs a fresh sign-in.",
  over_capacity: "The server is busy. Try again in a moment.",
  same_password: "The new password must differ from the present one.",
  mfa_verification_failed: "That code is wrong or was used before. Wait for the next one.",
  mfa_challenge_expired: "That took too long. Enter the present code.",
  mfa_factor_name_conflict: "You have a second factor of this name already. Choose another name.",
  too_many_enrolled_mfa_factors: "You have as many second factors as an account may have. Remove one first.",
  too_many_passkeys: "You have as many passkeys as an account may have. Remove one first.",
  webauthn_verification_failed: "This key was not accepted. Try again, with a key that you have added here.",
  webauthn_challenge_expired: "That took too long. Try again.",
  webauthn_challenge_not_found: "That took too long. Try again.",
  webauthn_credential_exists: "This key is known already.",
  // Who has a passkey alone has no second factor to confirm: signing in with it is what helps.
  insufficient_aal: "Sign in with your passkey or your second factor first.",
  user_banned: "This account is banned. Ask an administrator.",
  user_not_found: "There is no such account any more.",
  validation_failed: "Something in the form is not as it should be.",
  conflict: "Somebody changed this at the same time. Look at it again, then repeat what you wanted.",
  approver_not_independent: "Whoever asked for a role, and whoever gets it, cannot decide about it.",
  impersonation_refused: "Nobody acts as this person: the account holds a role that needs approval, or is your own.",
  impersonated_session: "This cannot be done while you act as somebody else.",
  privileged_account: "This account holds a role that needs approval. Only the operator changes how it signs in.",
  role_approval_required: "This role needs the approval of another administrator. Ask for it on the person’s page.",
  role_request_closed: "This was decided already, or it has run out.",
};

/**
 * One sentence a person can act on.
 * @param own sentences that fit the place better than the usual ones, by code
 */
export function plainWords(error: unknown, own: Readonly<Record<string, string>> = {}): string {
  if (error instanceof ReactError) return `${error.message} ${error.hint}`;
  if (!(error instanceof ProblemError)) return "Something failed on this page. Try again.";
  const code = error.code.replace(/^identity\//, "");
  if (own[code] !== undefined) return own[code];
  if (error.status === 429) return waitSentence(error.retryAfterSeconds);
  const known = sentences[code];
  if (known !== undefined) return known;
  // The platform's details are written for whoever administers it.
  if (code.startsWith("platform/") && error.status < 500 && error.detail !== "") return error.detail;
  if (error.isSecondFactorRequired) return "This needs a second factor. Set one up on your account page.";
  if (error.status === 401) return "Your session has ended. Sign in again.";
  if (error.status === 403) return "You may not do this.";
  if (error.status === 404) return "This does not exist, or you may not see it.";
  if (error.status >= 500) return `The server had a problem. Try again later.${reference(error)}`;
  return error.detail === "" ? error.title : error.detail;
}

function waitSentence(seconds: number | null): string {
  return seconds === null ? "Too many attempts. Wait a while." : `Too many attempts. Try again in ${seconds} seconds.`;
}

function reference(error: ProblemError): string {
  return error.requestId === null ? "" : ` Reference: ${error.requestId}`;
}
