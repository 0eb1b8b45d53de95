// A new password, from whichever door it comes: normalised once, then held against the policy.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { contextWords, isTooLong, normalisePassword, passwordBytesMax } from "../password/password-policy.ts";

/** The password as it is hashed. @throws IdentityError weak_password, validation_failed */
export function choosePassword(context: IdentityContext, email: string, given: string): string {
  const password = normalisePassword(given);
  if (isTooLong(password)) {
    throw new IdentityError("validation_failed", {
      message: `Password cannot be longer than ${passwordBytesMax} bytes`,
    });
  }
  const { application, identity } = context.policy;
  const reasons = context.rules.passwordWeaknesses(password, identity.password, contextWords(application.name, email));
  if (reasons.length > 0) {
    throw new IdentityError("weak_password", { weakPassword: reasons, message: advice(identity.password.minLength) });
  }
  return password;
}

const advice = (minLength: number): string =>
  `Password should have at least ${minLength} characters and be none that is easy to guess`;
