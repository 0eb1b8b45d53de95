import { ProblemError, ReactError } from "@holdfast/react";
import type { ReactNode } from "react";

interface FailureMessageProps {
  readonly error: unknown;
  /** Sentences that fit this place better than the usual ones, by code. */
  readonly sentences?: Readonly<Record<string, string>>;
}

/** Says what went wrong, aloud as well; nothing while there is no error. */
export function FailureMessage({ error, sentences = {} }: FailureMessageProps): ReactNode {
  const own = error instanceof ProblemError ? sentences[error.code] : undefined;
  return (
    <div className="live" aria-live="assertive">
      {error === null || error === undefined ? null : <p className="failure">{own ?? sentenceFor(error)}</p>}
    </div>
  );
}

const usualSentences: Readonly<Record<string, string>> = {
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
  // Who has a passkey alone has no second factor to confirm: signing in with it is what helps.
  insufficient_aal: "Sign in with your passkey or your second factor first.",
  validation_failed: "Something in the form is not as it should be.",
};

/** One sentence a person can act on. Text of the server is used only where it was written for people. */
export function sentenceFor(error: unknown): string {
  if (error instanceof ReactError) return `${error.message} ${error.hint}`;
  if (!(error instanceof ProblemError)) return "Something failed on this page. Try again.";
  if (error.status === 429) return waitSentence(error.retryAfterSeconds);
  const known = usualSentences[error.code];
  if (known !== undefined) return known;
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
