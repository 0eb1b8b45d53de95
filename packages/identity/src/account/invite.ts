// An administrator makes an account for somebody, who takes it over by the link that is mailed to them. It has no password until
// they choose one.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Delivery } from "../verify/delivery.ts";
import type { LinkRequest } from "../verify/send-link.ts";
import type { Account } from "./account.ts";
import { findAccount, findAccountByEmail, insertAccount } from "./account-store.ts";
import { accountLabel } from "./email-address.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";

export interface Invitation {
  /** Normalised and valid. */
  readonly email: string;
  readonly data: Metadata;
  /** The roles that everybody gets, unless others are named. */
  readonly roles?: readonly string[];
  /** Facts of the event about who invites. */
  readonly facts?: { readonly actor?: string };
  readonly delivery: Delivery;
}

/** The account, and the link that makes it theirs. @throws IdentityError email_exists, validation_failed */
export async function invite(
  context: IdentityContext,
  caller: Caller,
  { email, data, roles = context.policy.identity.defaultRoles, facts = {}, delivery }: Invitation,
): Promise<{ readonly account: Account; readonly link: LinkRequest }> {
  const known = await findAccountByEmail(context.database, email);
  if (known !== null && known.emailConfirmedAt !== null) throw new IdentityError("email_exists");
  const attempt = {
    id: known?.id ?? randomUUID(),
    passwordHash: null,
    appMetadata: mergeAppMetadata(context, {}, { roles }),
    userMetadata: mergeUserMetadata({}, data),
  };
  if (known === null) {
    const stored = { ...attempt, email, isEmailConfirmed: false, isInvited: true, bannedUntil: null };
    if (!(await insertAccount(context.database, stored, context.now()))) throw new IdentityError("email_exists");
    const detail = { account: accountLabel(email) };
    emitEvent(context, caller, "account.created", { ...facts, subject: attempt.id, reason: "invited", detail });
  } else {
    await context.database.query("update auth.users set invited_at = $2, updated_at = $2 where id = $1", [
      known.id,
      new Date(context.now()),
    ]);
  }
  const account = await findAccount(context.database, attempt.id);
  if (account === null) throw new IdentityError("conflict");
  const link = {
    purpose: "invite",
    type: "invite",
    email,
    userId: account.id,
    delivery,
    payload: { attempt },
  } as const;
  return { account, link };
}
