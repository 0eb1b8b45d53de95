// What people change about their own account: their metadata, their password, and where they can be reached. The last two need a
// second factor where there is one, and a fresh proof of who asks.
import type { Statements } from "../database.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { endOnce } from "../once/once.ts";
import { mailedPurposes } from "../once/purpose.ts";
import { requestPhoneChange } from "../phone/change-phone.ts";
import { readPhone } from "../phone/phone-number.ts";
import { type Authenticated, requireSecondFactor } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Delivery } from "../verify/delivery.ts";
import type { Account } from "./account.ts";
import { type AccountChange, findAccount, updateAccount } from "./account-store.ts";
import { requestEmailChange } from "./change-email.ts";
import { readEmail } from "./create-account.ts";
import { type Proof, requireProof } from "./fresh-proof.ts";
import { type Metadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";

export interface OwnChange extends Proof {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly data?: Metadata;
  /** How links that are mailed for it deliver. */
  readonly delivery: Delivery;
}

/** What is asked for, as far as it differs from what is there. */
interface Wish {
  readonly email: string | null;
  readonly phone: string | null;
  readonly password: string | null;
}

function readWish(context: IdentityContext, account: Account, { email = "", phone = "", password }: OwnChange): Wish {
  const newEmail = email === "" ? account.email : readEmail(context, email);
  const newPhone = phone === "" ? account.phone : readPhone(phone);
  return {
    email: newEmail === account.email ? null : newEmail,
    phone: newPhone === account.phone ? null : newPhone,
    password: password ?? null,
  };
}

/** The account after the change. @throws IdentityError, see the error codes of PUT /user */
export async function changeOwnAccount(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  wanted: OwnChange,
): Promise<Account> {
  const { account } = who;
  const wish = readWish(context, account, wanted);
  await requireRight(context, caller, who, wanted, wish);
  const passwordHash =
    wish.password === null ? null : await newPasswordHash(context, caller, account, wish, wish.password);
  // An anonymous person's password counts once the address or number beside it is confirmed, and goes with the message.
  if (passwordHash !== null && !account.isAnonymous) await changePassword(context, caller, who, passwordHash);
  if (wanted.data !== undefined) await changeMetadata(context, caller, who, wanted.data);
  const { delivery } = wanted;
  if (wish.email !== null) {
    await requestEmailChange(context, caller, who, { email: wish.email, passwordHash, delivery });
  }
  if (wish.phone !== null) await requestPhoneChange(context, caller, who, { phone: wish.phone, passwordHash });
  const changed = await findAccount(context.database, account.id);
  if (changed === null || changed.deletedAt !== null) throw new IdentityError("user_not_found", { status: 403 });
  return changed;
}

/** @throws IdentityError insufficient_aal, current_password_required, reauthentication_needed, validation_failed, … */
async function requireRight(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  proof: Proof,
  { email, phone, password }: Wish,
): Promise<void> {
  if (email === null && phone === null && password === null) return;
  requireSecondFactor(context, caller, who);
  if (who.account.isAnonymous) {
    // They have nothing to prove themselves with, and nothing that a thief of the session could take over.
    if (email !== null || phone !== null) return;
    throw new IdentityError("validation_failed", {
      status: 422,
      message: "Updating password of an anonymous user without an email or phone is not allowed",
    });
  }
  const missing = password === null ? "reauthentication_needed" : "current_password_required";
  await requireProof(context, caller, who, proof, missing);
}

async function newPasswordHash(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  { email, phone }: Wish,
  given: string,
): Promise<string> {
  const name = email ?? (account.email === "" ? (phone ?? account.phone) : account.email);
  const chosen = await choosePassword(context, { caller, name, subject: account.id }, given);
  if (await context.hasher.verify(account.passwordHash, chosen)) throw new IdentityError("same_password");
  return await context.hasher.hash(chosen);
}

/** A link or code that was sent before must not undo the new password: every one of the account's dies. */
async function changePassword(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  passwordHash: string,
): Promise<void> {
  const endsOthers = context.rules.endsOtherSessions("password");
  // In one transaction: sessions of the old password do not outlive it.
  const ended = await context.database.transaction(async (database) => {
    await change(context, database, account, { passwordHash });
    await endOnce({ ...context, database }, { userId: account.id }, mailedPurposes);
    const others = { kind: "others", except: session.id } as const;
    return endsOthers ? await endSessions(database, account.id, others, context.now(), tokensEndAt(context)) : [];
  });
  emitEvent(context, caller, "password.changed", { subject: account.id, sessionId: session.id, reason: "own" });
  announceEnded(context, caller, ended, "password-changed");
  postNotice(context, caller, account, "password-changed");
}

async function change(
  context: IdentityContext,
  database: Statements,
  { id }: Account,
  changed: AccountChange,
): Promise<void> {
  const stored = await updateAccount(database, id, changed, context.now());
  if (stored === null || typeof stored === "string") throw new IdentityError("user_not_found", { status: 403 });
}

async function changeMetadata(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  data: Metadata,
): Promise<void> {
  await change(context, context.database, account, { userMetadata: mergeUserMetadata(account.userMetadata, data) });
  const facts = { subject: account.id, sessionId: session.id, reason: "user-metadata" };
  emitEvent(context, caller, "account.changed", facts);
}
