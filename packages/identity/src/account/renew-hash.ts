// A hash of another scheme or cost is replaced when its owner signs in, the one moment at which the password is known. The new
// hash takes the place of the one that was compared and of no other: a password that was changed meanwhile stays changed.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { normalisePassword } from "../password/password-policy.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Account } from "./account.ts";
import { findAccount } from "./account-store.ts";
import { replacePasswordHash } from "./hash-store.ts";

/** The account as it may go on signing in. `given` has just been found to be its password. @throws IdentityError conflict */
export async function renewHash(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  given: string,
): Promise<Account> {
  const { passwordHash } = account;
  if (passwordHash === null || context.rules.keepsHash(context.hasher.isCurrent(passwordHash))) return account;
  const renewed = await hashUnlessBusy(context, normalisePassword(given));
  if (renewed === null) return account;
  if (await replacePasswordHash(context.database, account.id, passwordHash, renewed, context.now())) {
    emitEvent(context, caller, "password.rehashed", { subject: account.id, detail: { from: schemeOf(passwordHash) } });
    return { ...account, passwordHash: renewed };
  }
  // Somebody was first: another sign-in with the same password, or a change of it. Only the former goes on.
  const now = await findAccount(context.database, account.id);
  if (now === null || !(await context.hasher.verify(now.passwordHash, given))) throw new IdentityError("conflict");
  return now;
}

/** Null when the queue is full: signing in is worth more than a newer hash, and the next sign-in tries again. */
async function hashUnlessBusy(context: IdentityContext, password: string): Promise<string | null> {
  try {
    return await context.hasher.hash(password);
  } catch (error) {
    if (error instanceof IdentityError && error.code === "over_capacity") return null;
    throw error;
  }
}

const schemeOf = (hash: string): string => hash.split("$")[1] ?? "";
