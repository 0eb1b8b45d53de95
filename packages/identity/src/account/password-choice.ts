// A new password, from whichever door it comes: normalised once, then held against the policy and, where one is configured, a
// service that knows leaked passwords.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { contextWords, isTooLong, normalisePassword, passwordBytesMax } from "../password/password-policy.ts";

const retryAfterSeconds = 30;

/** The password as it is hashed. @throws IdentityError weak_password, validation_failed, password_check_unavailable */
export async function choosePassword(context: IdentityContext, email: string, given: string): Promise<string> {
  const password = normalisePassword(given);
  if (isTooLong(password)) {
    throw new IdentityError("validation_failed", {
      message: `Password cannot be longer than ${passwordBytesMax} bytes`,
    });
  }
  const { application, identity } = context.policy;
  const reasons = context.rules.passwordWeaknesses(password, identity.password, contextWords(application.name, email));
  const weak = (weakPassword: typeof reasons) =>
    new IdentityError("weak_password", { weakPassword, message: advice(identity.password.minLength) });
  if (reasons.length > 0) throw weak(reasons);
  if (identity.password.breached === "refuse" && context.breachRange !== null) {
    const verdict = context.rules.breachVerdict(await context.breachRange.timesSeen(password));
    if (verdict === "refuse") throw weak(["pwned"]);
    if (verdict === "unavailable") throw new IdentityError("password_check_unavailable", { retryAfterSeconds });
  }
  return password;
}

const advice = (minLength: number): string =>
  `Password should have at least ${minLength} characters and be none that is easy to guess`;
