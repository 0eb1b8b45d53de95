// Refusals of the OAuth endpoints: `{error, error_description}` with RFC 6749's words.
import { IdentityError, type OAuthErrorWord } from "../error/identity-error.ts";

const unauthorized = 401;
const forbidden = 403;

/** A refusal that the client reads itself. */
export function oauthError(word: OAuthErrorWord, description: string): IdentityError {
  const status = word === "invalid_client" ? unauthorized : word === "insufficient_scope" ? forbidden : undefined;
  return new IdentityError("validation_failed", {
    message: description,
    oauth: word,
    ...(status === undefined ? {} : { status }),
  });
}

/** The server is off. @throws IdentityError feature_disabled */
export function requireOAuthServer(isOn: boolean): void {
  if (!isOn) throw new IdentityError("feature_disabled", { message: "OAuth server is disabled" });
}
