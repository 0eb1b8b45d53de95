// Somebody asks for a mail: to sign in, to recover, or to be sent a confirmation once more. Who asks learns nothing about the
// address: status, body and work are the same whether an account has it or not.
import { randomUUID } from "node:crypto";
import { type AddressHolder, findHolder } from "../account/account-store.ts";
import type { PendingAccount } from "../account/confirm-address.ts";
import { readEmail } from "../account/create-account.ts";
import { accountLabel } from "../account/email-address.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "../account/metadata.ts";
import { findPending } from "../account/pending-sign-up.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countMail } from "../limit/mail-limit.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Delivery } from "./delivery.ts";
import { type LinkRequest, sendLink, sendNothing } from "./send-link.ts";

interface Asked {
  readonly email: string;
  readonly delivery: Delivery;
}

export interface SignInRequest extends Asked {
  readonly createUser: boolean;
  readonly data: Metadata;
  /** The whole body as it was sent. */
  readonly body: unknown;
}

/** @throws IdentityError otp_disabled, email_address_invalid, over_email_send_rate_limit, validation_failed */
export async function requestSignIn(context: IdentityContext, caller: Caller, request: SignInRequest): Promise<void> {
  const { identity } = context.policy;
  if (!identity.email.signIn) throw new IdentityError("otp_disabled");
  const { email, account } = await beginRequest(context, caller, request);
  const mayCreate = request.createUser && identity.signUp === "open";
  // Made in any case: the work is the same.
  const attempt = newAttempt(context, request);
  const link: LinkRequest = {
    purpose: "sign-in",
    type: "magiclink",
    email,
    userId: account?.id ?? null,
    delivery: request.delivery,
    payload: { attempt },
  };
  if (account !== null || mayCreate) return await sendLink(context, caller, "sign-in", link);
  await refuseQuietly(context, caller, link, "unknown-account");
}

/** Somebody who has only an address: the account has no password until they choose one. */
function newAttempt(context: IdentityContext, { data, body }: SignInRequest): PendingAccount {
  const roles = context.rules.rolesOfNewAccount(context.policy.identity.defaultRoles, body);
  return {
    id: randomUUID(),
    passwordHash: null,
    appMetadata: mergeAppMetadata(context, {}, { roles }),
    userMetadata: mergeUserMetadata({}, data),
  };
}

/** @throws IdentityError email_address_invalid, over_email_send_rate_limit */
export async function requestRecovery(context: IdentityContext, caller: Caller, request: Asked): Promise<void> {
  const { email, account } = await beginRequest(context, caller, request);
  const userId = account?.id ?? null;
  const link: LinkRequest = { purpose: "recover", type: "recovery", email, userId, delivery: request.delivery };
  if (account !== null) await sendLink(context, caller, "recover", link);
  else await refuseQuietly(context, caller, link, "unknown-account");
}

/** The newest sign-up that waits for this address, once more. @throws IdentityError email_address_invalid, over_email_send_rate_limit */
export async function resendConfirmation(context: IdentityContext, caller: Caller, request: Asked): Promise<void> {
  const { email, account } = await beginRequest(context, caller, request);
  const attempt = await findPending(context, email, "newest");
  const link: LinkRequest = {
    purpose: "confirm-sign-up",
    type: "signup",
    email,
    userId: account?.id ?? null,
    delivery: request.delivery,
    ...(attempt === null ? {} : { payload: { attempt } }),
  };
  const isUnconfirmed = account !== null && account.emailConfirmedAt === null;
  if (isUnconfirmed || (account === null && attempt !== null)) {
    return await sendLink(context, caller, "confirm-sign-up", link);
  }
  await refuseQuietly(context, caller, link, account === null ? "unknown-account" : "confirmed-already");
}

async function beginRequest(
  context: IdentityContext,
  caller: Caller,
  request: Asked,
): Promise<{ readonly email: string; readonly account: AddressHolder | null }> {
  const email = readEmail(context, request.email);
  await countMail(context, caller, email, accountLabel(email));
  return { email, account: await findHolder(context.database, email) };
}

async function refuseQuietly(
  context: IdentityContext,
  caller: Caller,
  link: LinkRequest,
  reason: "unknown-account" | "confirmed-already",
): Promise<void> {
  await sendNothing(context, link);
  emitEvent(context, caller, "message.refused", { reason, detail: { account: accountLabel(link.email) } });
  if (reason === "unknown-account" && context.rules.revealsUnknownAccounts()) throw new IdentityError("user_not_found");
}
