// What an administrator changes about somebody's account. Whatever takes a right away takes effect at once: the account's
// sessions end.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { type Actor, actorFacts } from "../role/actor.ts";
import { requireMayGrant, requireMayReset } from "../role/privilege.ts";
import { endAccountSessions, type SessionEndCause } from "../session/end-sessions.ts";
import type { Account } from "./account.ts";
import { type AccountChange, deleteAccount, findAccount, softDeleteAccount, updateAccount } from "./account-store.ts";
import { readEmail } from "./create-account.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";

export interface AdministratorChange {
  readonly email?: string;
  readonly isEmailConfirmed?: boolean;
  readonly password?: string;
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
  actor: Actor,
  id: string,
  wanted: AdministratorChange,
): Promise<Account> {
  const account = await requireAccount(context, id);
  if (wanted.email !== undefined || wanted.password !== undefined) requireMayReset(context, caller, actor, account);
  const email = wanted.email === undefined ? undefined : readEmail(wanted.email);
  const password =
    wanted.password === undefined ? undefined : choosePassword(context, email ?? account.email, wanted.password);
  const change: AccountChange = {
    ...(email === undefined ? {} : { email }),
    ...confirmation(account, email, wanted.isEmailConfirmed === true, context.now()),
    ...(password === undefined ? {} : { passwordHash: await context.hasher.hash(password) }),
    ...(wanted.userMetadata && { userMetadata: mergeUserMetadata(account.userMetadata, wanted.userMetadata) }),
    ...appMetadataChange(context, account, wanted.appMetadata),
    ...(wanted.bannedUntil === undefined ? {} : { bannedUntil: wanted.bannedUntil }),
  };
  if (change.roles !== undefined) requireMayGrant(context, caller, actor, id, change.roles.added);
  const changed = await updateAccount(context.database, id, change, context.now());
  if (changed === "roles-changed") throw new IdentityError("conflict");
  if (changed === null) throw new IdentityError("user_not_found");
  if (changed === "email-taken") throw new IdentityError("email_exists");
  await drawConsequences(context, caller, actor, changed, change);
  return changed;
}

/** Roles change only where they are named, and from what they were when they were read. */
function appMetadataChange(context: IdentityContext, account: Account, wanted: Metadata | undefined): AccountChange {
  if (wanted === undefined) return {};
  const { roles, ...appMetadata } = mergeAppMetadata(context, account.appMetadata, wanted);
  if (!Object.hasOwn(wanted, "roles")) return { appMetadata };
  const seen = account.appMetadata.roles;
  const added = roles.filter((role) => !seen.includes(role));
  const removed = seen.filter((role) => !roles.includes(role));
  return { appMetadata, roles: { seen, now: roles, added, removed } };
}

/** A new address is unconfirmed until somebody vouches for it. */
function confirmation(account: Account, email: string | undefined, isConfirmed: boolean, now: number): AccountChange {
  if (isConfirmed) return { emailConfirmedAt: now };
  return email !== undefined && email !== account.email ? { emailConfirmedAt: null } : {};
}

async function drawConsequences(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  after: Account,
  change: AccountChange,
): Promise<void> {
  const subject = after.id;
  const facts = { subject, ...actorFacts(actor) };
  const { added, removed } = change.roles ?? { added: [], removed: [] };
  const keys = Object.keys(change).sort().join(",");
  emitEvent(context, caller, "account.changed", { ...facts, detail: { changed: keys } });
  if (added.length > 0) context.onRolesChanged(subject, context.now());
  if (removed.length + added.length > 0) {
    const detail = { added: added.join(","), removed: removed.join(",") };
    emitEvent(context, caller, "role.changed", { ...facts, detail });
  }
  if (change.passwordHash !== undefined) emitEvent(context, caller, "password.changed", facts);
  const cause = endCause(context, after, change, removed);
  if (cause !== null) await endAccountSessions(context, caller, subject, { kind: "all" }, cause);
}

function endCause(
  context: IdentityContext,
  after: Account,
  change: AccountChange,
  removedRoles: readonly string[],
): SessionEndCause | null {
  if (context.rules.isBanned(after.bannedUntil, context.now())) return "banned";
  if (change.passwordHash !== undefined) return "password-changed";
  return removedRoles.length > 0 && context.rules.endsSessionsWithRole() ? "role-removed" : null;
}

/** Ends the account's sessions, then removes it, or keeps an empty row for references. @throws IdentityError user_not_found */
export async function removeAccount(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  id: string,
  isSoft: boolean,
): Promise<void> {
  await requireAccount(context, id);
  // A softly deleted account admits nobody from the first statement on; sessions begun in between end by the second.
  const isGone = isSoft && (await softDeleteAccount(context.database, id, context.now()));
  await endAccountSessions(context, caller, id, { kind: "all" }, "account-deleted");
  if (!isSoft && !(await deleteAccount(context.database, id))) throw new IdentityError("user_not_found");
  if (isSoft && !isGone) throw new IdentityError("user_not_found");
  const by = actor.kind === "administrator" ? { actor: actor.id } : {};
  emitEvent(context, caller, "account.deleted", { subject: id, reason: isSoft ? "soft" : "removed", ...by });
}
