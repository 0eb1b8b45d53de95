// A link for an administrator to hand over by another way than our mail. Whoever has it is the account: each one made is an event.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Actor } from "../role/actor.ts";
import { requireMayReset } from "../role/privilege.ts";
import type { Delivery } from "../verify/delivery.ts";
import { type Link, type LinkRequest, makeLink } from "../verify/send-link.ts";
import type { Account } from "./account.ts";
import { findAccount, findAccountByEmail, insertAccount } from "./account-store.ts";
import { emailChangePurposes } from "./change-email.ts";
import { noteNewEmail } from "./change-store.ts";
import { readEmail } from "./create-account.ts";
import { accountLabel } from "./email-address.ts";
import { invite } from "./invite.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";

export const linkTypes = [
  "signup",
  "invite",
  "magiclink",
  "recovery",
  "email_change_current",
  "email_change_new",
] as const;

export type LinkType = (typeof linkTypes)[number];

export interface LinkWish {
  readonly type: LinkType;
  readonly email: string;
  readonly newEmail: string;
  readonly password: string;
  readonly data: Metadata;
  readonly delivery: Delivery;
}

export interface MadeLink extends Link {
  readonly account: Account;
  /** What `/verify` is told it is: a magic link for nobody known is a sign-up. */
  readonly verificationType: LinkType;
}

/** @throws IdentityError user_not_found, privileged_account, email_exists, weak_password, email_address_invalid, validation_failed */
export async function generateLink(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  wish: LinkWish,
): Promise<MadeLink> {
  const email = readEmail(context, wish.email);
  const known = await findAccountByEmail(context.database, email);
  // Whoever has the link is the account: for a privileged one it would be a way around everybody's approval.
  if (known !== null) requireMayReset(context, caller, actor, known);
  const { account, link, verificationType } = await prepare(context, caller, { ...wish, email }, known);
  const made = await makeLink(context, link);
  emitEvent(context, caller, "account.changed", {
    subject: account.id,
    reason: "link-made",
    detail: { type: verificationType, account: accountLabel(email) },
  });
  return { ...made, account, verificationType };
}

interface Prepared {
  readonly account: Account;
  readonly link: LinkRequest;
  readonly verificationType: LinkType;
}

async function prepare(
  context: IdentityContext,
  caller: Caller,
  wish: LinkWish,
  known: Account | null,
): Promise<Prepared> {
  const { type, email, data, delivery } = wish;
  if (type === "invite")
    return { ...(await invite(context, caller, { email, data, delivery })), verificationType: type };
  if (type === "signup" || (type === "magiclink" && known === null))
    return await prepareSignUp(context, caller, wish, known);
  if (known === null) throw new IdentityError("user_not_found", { message: "User with this email not found" });
  const whose = { email, userId: known.id, delivery };
  if (type === "magiclink")
    return { account: known, verificationType: type, link: { ...whose, purpose: "sign-in", type: "magiclink" } };
  if (type === "recovery")
    return { account: known, verificationType: type, link: { ...whose, purpose: "recover", type: "recovery" } };
  return await prepareEmailChange(context, known, { ...wish, type });
}

async function prepareSignUp(
  context: IdentityContext,
  caller: Caller,
  { type, email, password, data, delivery }: LinkWish,
  known: Account | null,
): Promise<Prepared> {
  if (known !== null && known.emailConfirmedAt !== null) throw new IdentityError("email_exists");
  if (type === "signup" && password === "") {
    throw new IdentityError("validation_failed", { message: "Signup requires a valid password" });
  }
  const passwordHash =
    password === ""
      ? null
      : await context.hasher.hash(await choosePassword(context, { caller, name: email }, password));
  const attempt = {
    id: known?.id ?? randomUUID(),
    passwordHash,
    appMetadata: mergeAppMetadata(context, {}, { roles: context.policy.identity.defaultRoles }),
    userMetadata: mergeUserMetadata({}, data),
  };
  if (known === null) {
    const stored = { ...attempt, email, isEmailConfirmed: false, bannedUntil: null };
    if (!(await insertAccount(context.database, stored, context.now()))) throw new IdentityError("email_exists");
    const detail = { account: accountLabel(email) };
    emitEvent(context, caller, "account.created", { subject: attempt.id, reason: "administrator", detail });
  }
  const account = await findAccount(context.database, attempt.id);
  if (account === null) throw new IdentityError("conflict");
  const link = {
    email,
    userId: account.id,
    delivery,
    purpose: "confirm-sign-up",
    type: "signup",
    payload: { attempt },
  } as const;
  return { account, link, verificationType: "signup" };
}

async function prepareEmailChange(
  context: IdentityContext,
  known: Account,
  { type, newEmail: given, delivery }: LinkWish,
): Promise<Prepared> {
  const newEmail = readEmail(context, given);
  if ((await findAccountByEmail(context.database, newEmail)) !== null) throw new IdentityError("email_exists");
  // The other half of the same change keeps what was agreed to already.
  if (known.newEmail !== newEmail) await noteNewEmail(context.database, known.id, newEmail, context.now());
  const side = type === "email_change_current" ? "current" : "new";
  const account = await findAccount(context.database, known.id);
  if (account === null) throw new IdentityError("conflict");
  const link = {
    purpose: emailChangePurposes[side],
    type: "email_change",
    email: side === "current" ? known.email : newEmail,
    userId: known.id,
    delivery,
    payload: { email: newEmail, passwordHash: null },
  } as const;
  return { account, link, verificationType: type };
}
