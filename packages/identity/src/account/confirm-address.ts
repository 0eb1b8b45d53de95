// Somebody has proven that an address is theirs. What they bring with them is installed; what others claimed for the address
// before them is not theirs and does not stay (GHSA-g38m-r43w-p2q7, GHSA-qq9h-g4jm-xgf3).
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { endOnce } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import type { Account } from "./account.ts";
import { findAccount, findAccountByEmail, insertAccount } from "./account-store.ts";
import { accountLabel } from "./email-address.ts";
import type { Metadata } from "./metadata.ts";

/** One attempt at an account: it lives with the token that was mailed for it, and nowhere else. */
export interface PendingAccount {
  readonly id: string;
  readonly passwordHash: string | null;
  readonly appMetadata: Metadata;
  readonly userMetadata: Metadata;
}

/**
 * The account of a proven address, confirmed. With `attempt`, an account that is not there is made of it, and one that nobody has
 * confirmed becomes it. An account that is confirmed keeps what it has. Null: there is none, and nothing to make one of.
 */
export async function confirmAddress(
  context: IdentityContext,
  caller: Caller,
  email: string,
  attempt: PendingAccount | null,
): Promise<{ readonly account: Account; readonly wasConfirmed: boolean } | null> {
  const known = await findAccountByEmail(context.database, email);
  if (known !== null && known.emailConfirmedAt !== null) return { account: known, wasConfirmed: true };
  if (known === null) {
    if (attempt === null || context.policy.identity.signUp === "closed") return null;
    return await makeConfirmed(context, caller, email, attempt);
  }
  return await takeOver(context, caller, known, attempt);
}

async function makeConfirmed(context: IdentityContext, caller: Caller, email: string, attempt: PendingAccount) {
  const stored = { ...attempt, email, isEmailConfirmed: true, bannedUntil: null };
  // Somebody who was a moment faster has the account: this attempt was for nothing.
  if (!(await insertAccount(context.database, stored, context.now()))) throw new IdentityError("conflict");
  const detail = { account: accountLabel(email) };
  emitEvent(context, caller, "account.created", { subject: attempt.id, reason: "sign-up", detail });
  emitEvent(context, caller, "account.confirmed", { subject: attempt.id, detail });
  await endOnce(context, { subject: email }, ["confirm-sign-up"]);
  return { account: await there(context, attempt.id), wasConfirmed: false };
}

/** One statement: of two who prove the address at the same time, one takes the account over. */
async function takeOver(context: IdentityContext, caller: Caller, known: Account, attempt: PendingAccount | null) {
  const { rows } = await context.database.query(
    `with taken as (
       update auth.users set email_confirmed_at = $2, updated_at = $2, encrypted_password = $3, raw_user_meta_data = $4,
         phone = '', phone_confirmed_at = null, email_change = '', phone_change = ''
       where id = $1 and email_confirmed_at is null and deleted_at is null returning id, email
     ), factors as (delete from auth.mfa_factors where user_id in (select id from taken)),
     passkeys as (delete from auth.webauthn_credentials where user_id in (select id from taken)),
     identity as (
       update auth.identities i set identity_data = i.identity_data || '{"email_verified": true}', updated_at = $2
       from taken t where i.user_id = t.id and i.provider = 'email'
     ), others as (
       delete from auth.identities where user_id in (select id from taken) and provider <> 'email'
     )
     select id from taken`,
    [known.id, new Date(context.now()), attempt?.passwordHash ?? null, JSON.stringify(attempt?.userMetadata ?? {})],
  );
  if (rows.length === 0) throw new IdentityError("conflict");
  const detail = { account: accountLabel(known.email) };
  emitEvent(context, caller, "account.confirmed", { subject: known.id, detail });
  await endOnce(context, { subject: known.email }, ["confirm-sign-up"]);
  await endAccountSessions(context, caller, known.id, { kind: "all" }, "address-confirmed");
  return { account: await there(context, known.id), wasConfirmed: false };
}

async function there(context: IdentityContext, id: string): Promise<Account> {
  const account = await findAccount(context.database, id);
  if (account === null) throw new IdentityError("conflict");
  return account;
}
