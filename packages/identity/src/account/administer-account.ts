// What an administrator changes about somebody's account. Whatever takes a right away takes effect at once: the account's
// sessions end.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded, type SessionEndCause, tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Account } from "./account.ts";
import { type AccountChange, deleteAccount, findAccount, softDeleteAccount, updateAccount } from "./account-store.ts";
import { readEmail } from "./create-account.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";
import { weighImported } from "./weigh-decoys.ts";

export interface AdministratorChange {
  readonly email?: string;
  readonly isEmailConfirmed?: boolean;
  readonly password?: string;
  /** A hash that was read (see stored-hash.ts). */
  readonly passwordHash?: string;
  readonly userMetadata?: Metadata;
  readonly appMetadata?: Metadata;
  readonly bannedUntil?: number | null;
}

/** The living account. @throws IdentityError user_not_found */
export async function requireAccount(context: IdentityContext, id: string): Promise<Account> {
  const account = await findAccount(context.database, id);
  if (account === null || account.deletedAt !== null) throw new IdentityError("user_not_found");
  return account;
}

/** The account after the change. @throws IdentityError user_not_found, email_exists, weak_password, validation_failed, … */
export async function administerAccount(
  context: IdentityContext,
  caller: Caller,
  id: string,
  wanted: AdministratorChange,
): Promise<Account> {
  const account = await requireAccount(context, id);
  const email = wanted.email === undefined ? undefined : readEmail(wanted.email);
  const password =
    wanted.password === undefined ? undefined : await choosePassword(context, email ?? account.email, wanted.password);
  const change: AccountChange = {
    ...(email === undefined ? {} : { email }),
    ...confirmation(account, email, wanted.isEmailConfirmed === true, context.now()),
    ...(wanted.passwordHash === undefined ? {} : { passwordHash: wanted.passwordHash }),
    ...(password === undefined ? {} : { passwordHash: await context.hasher.hash(password) }),
    ...(wanted.userMetadata && { userMetadata: mergeUserMetadata(account.userMetadata, wanted.userMetadata) }),
    ...(wanted.appMetadata && { appMetadata: mergeAppMetadata(context, account.appMetadata, wanted.appMetadata) }),
    ...(wanted.bannedUntil === undefined ? {} : { bannedUntil: wanted.bannedUntil }),
  };
  // In one transaction: a right that is gone while its sessions live would be gone only for new ones.
  const { changed, cause, ended } = await context.database.transaction(async (database) => {
    const changed = await updateAccount(database, id, change, context.now());
    if (changed === null) throw new IdentityError("user_not_found");
    if (changed === "email-taken") throw new IdentityError("email_exists");
    const cause = endCause(context, account, changed, change);
    const until = tokensEndAt(context);
    const ended = cause === null ? [] : await endSessions(database, id, { kind: "all" }, context.now(), until);
    return { changed, cause, ended };
  });
  await weighImported(context, wanted.passwordHash);
  recordChange(context, caller, account, changed, change);
  if (cause !== null) announceEnded(context, caller, id, ended, cause);
  return changed;
}

/** A new address is unconfirmed until somebody vouches for it. */
function confirmation(account: Account, email: string | undefined, isConfirmed: boolean, now: number): AccountChange {
  if (isConfirmed) return { emailConfirmedAt: now };
  return email !== undefined && email !== account.email ? { emailConfirmedAt: null } : {};
}

function recordChange(
  context: IdentityContext,
  caller: Caller,
  before: Account,
  after: Account,
  change: AccountChange,
): void {
  const subject = before.id;
  const removed = removedRoles(before, after);
  const added = after.appMetadata.roles.filter((role) => !before.appMetadata.roles.includes(role));
  const keys = Object.keys(change).sort().join(",");
  emitEvent(context, caller, "account.changed", { subject, reason: "administrator", detail: { changed: keys } });
  if (removed.length + added.length > 0) {
    const detail = { added: added.join(","), removed: removed.join(",") };
    emitEvent(context, caller, "role.changed", { subject, reason: "administrator", detail });
  }
  if (change.passwordHash !== undefined)
    emitEvent(context, caller, "password.changed", { subject, reason: "administrator" });
}

const removedRoles = (before: Account, after: Account): readonly string[] =>
  before.appMetadata.roles.filter((role) => !after.appMetadata.roles.includes(role));

function endCause(
  context: IdentityContext,
  before: Account,
  after: Account,
  change: AccountChange,
): SessionEndCause | null {
  if (context.rules.isBanned(after.bannedUntil, context.now())) return "banned";
  if (change.passwordHash !== undefined) return "password-changed";
  return removedRoles(before, after).length > 0 ? "role-removed" : null;
}

/** Ends the account's sessions, then removes it, or keeps an empty row for references. @throws IdentityError user_not_found */
export async function removeAccount(
  context: IdentityContext,
  caller: Caller,
  id: string,
  isSoft: boolean,
): Promise<void> {
  await requireAccount(context, id);
  const ended = await context.database.transaction(async (database) => {
    // A softly deleted account admits nobody from this statement on, and its row is held: no session begins beside it.
    if (!(await softDeleteAccount(database, id, context.now()))) throw new IdentityError("user_not_found");
    const ended = await endSessions(database, id, { kind: "all" }, context.now(), tokensEndAt(context));
    if (!isSoft) await deleteAccount(database, id);
    return ended;
  });
  announceEnded(context, caller, id, ended, "account-deleted");
  emitEvent(context, caller, "account.deleted", { subject: id, reason: isSoft ? "soft" : "removed" });
}
