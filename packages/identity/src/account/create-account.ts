// The one way an account comes to be, for whoever has the right to make one.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Caller } from "../request/caller.ts";
import type { Account } from "./account.ts";
import { findAccount, findAccountByPhone, insertAccount } from "./account-store.ts";
import { isEmailAddress } from "./email-address.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";
import { weighImported } from "./weigh-decoys.ts";

export interface AccountRequest {
  readonly id?: string;
  /** '' is none. */
  readonly email: string;
  /** E.164 without its plus sign. */
  readonly phone?: string;
  readonly isPhoneConfirmed?: boolean;
  /** Absent: nobody can sign in with a password. */
  readonly password?: string;
  /** A hash from elsewhere that was read (see stored-hash.ts). */
  readonly passwordHash?: string;
  readonly appMetadata: Metadata;
  readonly userMetadata?: Metadata;
  readonly isEmailConfirmed?: boolean;
  readonly bannedUntil?: number | null;
}

/** The address in its one spelling. @throws IdentityError email_address_invalid */
export function readEmail({ rules }: Pick<IdentityContext, "rules">, given: string): string {
  const email = rules.spelling(given);
  if (!isEmailAddress(email)) throw new IdentityError("email_address_invalid");
  return email;
}

/**
 * For administrators (null: the operator): says so when the address is taken.
 * @throws IdentityError email_address_invalid, email_exists, phone_exists, weak_password, validation_failed, over_capacity
 */
export async function createAccount(
  context: IdentityContext,
  caller: Caller | null,
  request: AccountRequest,
): Promise<Account> {
  const { phone = "", isPhoneConfirmed = false } = request;
  const email = request.email === "" && phone !== "" ? "" : readEmail(context, request.email);
  if ((await findAccountByPhone(context.database, phone)) !== null) throw new IdentityError("phone_exists");
  const appMetadata = mergeAppMetadata(context, {}, request.appMetadata);
  const userMetadata = mergeUserMetadata({}, request.userMetadata ?? {});
  const password =
    request.password === undefined
      ? null
      : await choosePassword(context, { caller, name: email === "" ? phone : email }, request.password);
  const passwordHash = password === null ? (request.passwordHash ?? null) : await context.hasher.hash(password);
  const id = request.id ?? randomUUID();
  const { bannedUntil = null, isEmailConfirmed = false } = request;
  const stored = {
    id,
    email,
    phone,
    isPhoneConfirmed,
    passwordHash,
    appMetadata,
    userMetadata,
    isEmailConfirmed,
    bannedUntil,
  };
  if (!(await insertAccount(context.database, stored, context.now()))) throw new IdentityError("email_exists");
  await weighImported(context, request.passwordHash);
  const account = await findAccount(context.database, id);
  if (account === null) throw new Error("An account that was just stored is not there.");
  return account;
}
