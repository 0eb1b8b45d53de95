// A new password, from whichever door it comes: normalised once, then held against the policy and, where one is configured, a
// service that knows leaked passwords.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { contextWords, isTooLong, normalisePassword, passwordBytesMax } from "../password/password-policy.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { accountLabel } from "./email-address.ts";

const retryAfterSeconds = 30;

/** Whose password it is to be, and who asks for it. */
export interface PasswordWish {
  /** Null: the operator, in front of whom it is refused. */
  readonly caller: Caller | null;
  /** The address or number of the account: no part of it makes a password. */
  readonly name: string;
  /** The account, where it exists. */
  readonly subject?: string;
}

/** The password as it is hashed; a refusal is recorded. @throws IdentityError weak_password, validation_failed, password_check_unavailable */
export async function choosePassword(context: IdentityContext, wish: PasswordWish, given: string): Promise<string> {
  const { caller, name, subject } = wish;
  const refuse = (reason: string, error: IdentityError): IdentityError => {
    const facts = { reason, detail: { account: accountLabel(name) }, ...(subject === undefined ? {} : { subject }) };
    if (caller !== null) emitEvent(context, caller, "password.refused", facts);
    return error;
  };
  const password = normalisePassword(given);
  if (isTooLong(password)) {
    const message = `Password cannot be longer than ${passwordBytesMax} bytes`;
    throw refuse("too-long", new IdentityError("validation_failed", { message }));
  }
  const { application, identity } = context.policy;
  const reasons = context.rules.passwordWeaknesses(password, identity.password, contextWords(application.name, name));
  const weak = (weakPassword: typeof reasons) =>
    refuse(
      weakPassword[0] ?? "weak",
      new IdentityError("weak_password", { weakPassword, message: advice(identity.password.minLength) }),
    );
  if (reasons.length > 0) throw weak(reasons);
  if (identity.password.breached === "refuse" && context.breachRange !== null) {
    const verdict = context.rules.breachVerdict(await context.breachRange.timesSeen(password));
    if (verdict === "refuse") throw weak(["pwned"]);
    if (verdict === "unavailable") {
      throw refuse("check-unavailable", new IdentityError("password_check_unavailable", { retryAfterSeconds }));
    }
  }
  return password;
}

const advice = (minLength: number): string =>
  `Password should have at least ${minLength} characters and be none that is easy to guess`;
