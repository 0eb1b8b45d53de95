// What an administrator changes about somebody's account. Whatever takes a right away takes effect at once: the account's
// sessions end.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { endOnce } from "../once/once.ts";
import { mailedPurposes } from "../once/purpose.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { type Actor, actorFacts } from "../role/actor.ts";
import { needsApproval, requireMayGrant, requireMayReset } from "../role/privilege.ts";
import { announceEnded, type SessionEndCause, tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Account } from "./account.ts";
import {
  type AccountChange,
  deleteAccount,
  findAccount,
  findAccountByPhone,
  softDeleteAccount,
  updateAccount,
} from "./account-store.ts";
import { readEmail } from "./create-account.ts";
import { destroyKeysOf } from "./erased-keys.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";
import { weighImported } from "./weigh-decoys.ts";

export interface AdministratorChange {
  readonly email?: string;
  readonly isEmailConfirmed?: boolean;
  /** E.164 without its plus sign. */
  readonly phone?: string;
  readonly isPhoneConfirmed?: boolean;
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

/** What decides who can sign in as the account. */
const credentials = [
  "email",
  "phone",
  "password",
  "passwordHash",
] as const satisfies readonly (keyof AdministratorChange)[];

/** The account after the change. @throws IdentityError user_not_found, email_exists, weak_password, validation_failed, … */
export async function administerAccount(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  id: string,
  wanted: AdministratorChange,
): Promise<Account> {
  const account = await requireAccount(context, id);
  if (credentials.some((key) => wanted[key] !== undefined)) requireMayReset(context, caller, actor, account);
  const email = wanted.email === undefined ? undefined : readEmail(context, wanted.email);
  const password =
    wanted.password === undefined
      ? undefined
      : await choosePassword(context, { caller, name: email ?? account.email, subject: id }, wanted.password);
  await refuseTakenPhone(context, id, wanted.phone);
  const change: AccountChange = {
    ...(email === undefined ? {} : { email }),
    ...confirmation(account, email, wanted.isEmailConfirmed === true, context.now()),
    ...phoneChange(account, wanted, context.now()),
    ...(wanted.passwordHash === undefined ? {} : { passwordHash: wanted.passwordHash }),
    ...(password === undefined ? {} : { passwordHash: await context.hasher.hash(password) }),
    ...(wanted.userMetadata && { userMetadata: mergeUserMetadata(account.userMetadata, wanted.userMetadata) }),
    ...appMetadataChange(context, account, wanted.appMetadata),
    ...(wanted.bannedUntil === undefined ? {} : { bannedUntil: wanted.bannedUntil }),
  };
  if (change.roles !== undefined) requireMayGrant(context, caller, actor, id, change.roles.added);
  // In one transaction: a right that is gone while its sessions live would be gone only for new ones.
  const { changed, cause, ended } = await context.database.transaction(async (database) => {
    const changed = await updateAccount(database, id, change, context.now());
    if (changed === null) throw new IdentityError("user_not_found");
    if (changed === "email-taken") throw new IdentityError("email_exists");
    if (changed === "roles-changed") throw new IdentityError("conflict");
    // What was mailed before belongs to how the account was signed in to before.
    if ([change.passwordHash, change.email, change.phone].some((value) => value !== undefined)) {
      await endOnce({ ...context, database }, { userId: id }, mailedPurposes);
    }
    const cause = endCause(context, changed, change);
    const until = tokensEndAt(context);
    const ended = cause === null ? [] : await endSessions(database, id, { kind: "all" }, context.now(), until);
    return { changed, cause, ended };
  });
  await weighImported(context, wanted.passwordHash);
  recordChange(context, caller, actor, changed, change);
  if (cause !== null) announceEnded(context, caller, ended, cause);
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

/** @throws IdentityError phone_exists */
async function refuseTakenPhone(context: IdentityContext, id: string, phone: string | undefined): Promise<void> {
  const holder = phone === undefined ? null : await findAccountByPhone(context.database, phone);
  if (holder !== null && holder.id !== id) throw new IdentityError("phone_exists");
}

/** A new address is unconfirmed until somebody vouches for it. */
function confirmation(account: Account, email: string | undefined, isConfirmed: boolean, now: number): AccountChange {
  if (isConfirmed) return { emailConfirmedAt: now };
  return email !== undefined && email !== account.email ? { emailConfirmedAt: null } : {};
}

/** The same for a number. */
function phoneChange(account: Account, { phone, isPhoneConfirmed }: AdministratorChange, now: number): AccountChange {
  const isNew = phone !== undefined && phone !== account.phone;
  const confirmed = isPhoneConfirmed === true && (phone ?? account.phone) !== "";
  return {
    ...(isNew ? { phone } : {}),
    ...(confirmed ? { phoneConfirmedAt: now } : isNew ? { phoneConfirmedAt: null } : {}),
  };
}

function recordChange(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  after: Account,
  change: AccountChange,
): void {
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
}

function endCause(context: IdentityContext, after: Account, change: AccountChange): SessionEndCause | null {
  if (context.rules.isBanned(after.bannedUntil, context.now())) return "banned";
  if (change.passwordHash !== undefined) return "password-changed";
  const { added = [], removed = [] } = change.roles ?? {};
  if (removed.length > 0 && context.rules.endsSessionsWithRole()) return "role-removed";
  const endsWithGrant = (role: string) => context.rules.endsSessionsWithGrant(needsApproval(context.policy, role));
  return added.some(endsWithGrant) ? "role-given" : null;
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
  await eraseAccount(context, caller, id, isSoft);
  const by = actor.kind === "administrator" ? { actor: actor.id } : {};
  emitEvent(context, caller, "account.deleted", { subject: id, reason: isSoft ? "soft" : "removed", ...by });
}

/** The same for whoever has seen to the right and records it. @throws IdentityError user_not_found */
export async function eraseAccount(
  context: IdentityContext,
  caller: Caller,
  id: string,
  isSoft: boolean,
): Promise<void> {
  const ended = await context.database.transaction(async (database) => {
    // A softly deleted account admits nobody from this statement on, and its row is held: no session begins beside it.
    if (!(await softDeleteAccount(database, id, context.now()))) throw new IdentityError("user_not_found");
    const ended = await endSessions(database, id, { kind: "all" }, context.now(), tokensEndAt(context));
    if (!isSoft) await deleteAccount(database, id);
    return ended;
  });
  announceEnded(context, caller, ended, "account-deleted");
  await destroyKeysOf(context, id);
}
