// Signing in with a password. An unknown address costs the same hash, counts against the same limits and gets the same answer
// as a wrong password.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Attempt, beginAttempt } from "../limit/attempts.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import type { Account } from "./account.ts";
import { findAccountByEmail } from "./account-store.ts";
import { accountLabel } from "./email-address.ts";
import { findPending } from "./pending-sign-up.ts";
import { renewHash } from "./renew-hash.ts";

/** @throws IdentityError invalid_credentials, user_banned, over_request_rate_limit, over_capacity */
export async function signInWithPassword(
  context: IdentityContext,
  caller: Caller,
  given: { readonly email: string; readonly password: string },
): Promise<SessionAnswer> {
  const email = context.rules.spelling(given.email);
  const label = accountLabel(email);
  const attempt = await beginAttempt(context, caller, { kind: "password", email, account: label });
  // Both in any case: the work is the same for an address that waits, one that has an account and one that nobody knows.
  const [account, pending] = await Promise.all([
    findAccountByEmail(context.database, email),
    findPending(context, email, "newest"),
  ]);
  const stored = account ?? (context.policy.identity.email.confirm ? pending : null);
  const matches = await passwordMatches(context, attempt, stored, given.password);
  const detail = { account: label };
  if (matches && context.policy.identity.email.confirm && !isConfirmed(account)) {
    await attempt.succeed();
    const subject = account === null ? {} : { subject: account.id };
    emitEvent(context, caller, "signin.failed", { ...subject, reason: "address-unconfirmed", detail });
    // Only who knows the password of an attempt learns that there was one.
    throw new IdentityError("email_not_confirmed");
  }
  if (account === null || !matches) {
    const reason = account === null ? "unknown-account" : "wrong-password";
    emitEvent(context, caller, "signin.failed", {
      ...(account === null ? {} : { subject: account.id }),
      reason,
      detail,
    });
    if (account === null && context.rules.revealsUnknownAccounts()) throw new IdentityError("user_not_found");
    throw new IdentityError("invalid_credentials");
  }
  await attempt.succeed();
  if (context.rules.isBanned(account.bannedUntil, context.now())) {
    emitEvent(context, caller, "signin.failed", { subject: account.id, reason: "banned", detail });
    throw new IdentityError("user_banned");
  }
  const renewed = await renewHash(context, caller, account, given.password);
  const { session, answer } = await beginSession(context, caller, renewed, "password");
  emitEvent(context, caller, "signin.succeeded", {
    subject: account.id,
    sessionId: session.id,
    reason: "password",
    detail,
  });
  return answer;
}

/** An account whose address waits, or one that is only an attempt so far. Who signs in by other means has no address to confirm. */
const isConfirmed = (account: Account | null): boolean =>
  account !== null && (account.emailConfirmedAt !== null || account.email === "");

/** Compares a password as it was typed with the account's, or with nothing at the same cost. */
export async function passwordMatches(
  context: IdentityContext,
  attempt: Attempt,
  account: { readonly passwordHash: string | null } | null,
  given: string,
): Promise<boolean> {
  if (account === null && !context.rules.comparesForUnknown()) return false;
  try {
    return await context.hasher.verify(account?.passwordHash ?? null, given, attempt.subject);
  } catch (error) {
    // Nothing was checked: the attempt does not count.
    await attempt.cancel();
    throw error;
  }
}
