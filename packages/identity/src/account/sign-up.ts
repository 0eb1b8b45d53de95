// Somebody makes an account for themselves. The answer is built from what they sent and nothing else: whether the address was
// free shows neither in status nor body nor in the work done (ASVS 5.0 §6.3.8). So it bears no session; the client signs in.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countSignUp } from "../limit/attempts.ts";
import { countMail } from "../limit/mail-limit.ts";
import { postNotice } from "../message/notice.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Delivery } from "../verify/delivery.ts";
import { type LinkRequest, sendLink, sendNothing } from "../verify/send-link.ts";
import { nothingSent, userJson } from "./account.ts";
import { findAccountByEmail, insertAccount } from "./account-store.ts";
import type { PendingAccount } from "./confirm-address.ts";
import { readEmail } from "./create-account.ts";
import { accountLabel } from "./email-address.ts";
import { type Metadata, mergeAppMetadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";
import { findPending } from "./pending-sign-up.ts";

export interface SignUpRequest {
  readonly email: string;
  readonly password: string;
  readonly data: Metadata;
  readonly delivery: Delivery;
  /** The whole body as it was sent. */
  readonly body: unknown;
}

/** The user as the client sees it. @throws IdentityError signup_disabled, over_request_rate_limit, weak_password, … */
export async function signUp(
  context: IdentityContext,
  caller: Caller,
  request: SignUpRequest,
): Promise<Record<string, unknown>> {
  const { policy, rules } = context;
  if (policy.identity.signUp === "closed") {
    emitEvent(context, caller, "account.refused", { reason: "sign-up-closed" });
    throw new IdentityError("signup_disabled");
  }
  const email = readEmail(context, request.email);
  const label = accountLabel(email);
  await countSignUp(context, caller, label);
  if (policy.identity.email.confirm) await countMail(context, caller, email, label);
  const userMetadata = mergeUserMetadata({}, request.data);
  const roles = rules.rolesOfNewAccount(policy.identity.defaultRoles, request.body);
  const appMetadata = mergeAppMetadata(context, {}, { roles });
  const password = await refusingWeak(context, caller, email, label, request.password);
  const passwordHash = await context.hasher.hash(password);
  const attempt = { id: randomUUID(), passwordHash, appMetadata, userMetadata };
  const isNew = policy.identity.email.confirm
    ? await awaitConfirmation(context, caller, email, attempt, request.delivery)
    : await makeAccount(context, caller, email, attempt);
  if (!isNew) emitEvent(context, caller, "account.refused", { reason: "address-taken", detail: { account: label } });
  if (!isNew && rules.revealsUnknownAccounts()) throw new IdentityError("email_exists");
  return answer(context, attempt.id, email, { roles: [...roles].sort() }, userMetadata);
}

/** Without confirmation the account is there at once. False when somebody has the address. */
async function makeAccount(
  context: IdentityContext,
  caller: Caller,
  email: string,
  attempt: PendingAccount,
): Promise<boolean> {
  const stored = { ...attempt, email, isEmailConfirmed: false, bannedUntil: null };
  if (!(await insertAccount(context.database, stored, context.now()))) return false;
  const detail = { account: accountLabel(email) };
  emitEvent(context, caller, "account.created", { subject: attempt.id, reason: "sign-up", detail });
  return true;
}

/**
 * Until the address is confirmed there is no account, only this attempt. Whoever has an account already is told so at their
 * address, and nowhere else. False when somebody has the address.
 */
async function awaitConfirmation(
  context: IdentityContext,
  caller: Caller,
  email: string,
  own: PendingAccount,
  delivery: Delivery,
): Promise<boolean> {
  const account = await findAccountByEmail(context.database, email);
  const earliest = context.rules.keepsFirstAttempt() ? await findPending(context, email, "earliest") : null;
  const link: LinkRequest = {
    purpose: "confirm-sign-up",
    type: "signup",
    email,
    userId: account?.id ?? null,
    delivery,
    payload: { attempt: earliest ?? own },
  };
  if (account === null || account.emailConfirmedAt === null) {
    await sendLink(context, caller, "confirm-sign-up", link);
    const detail = { account: accountLabel(email) };
    emitEvent(context, caller, "account.requested", { reason: "confirmation-pending", detail });
    return true;
  }
  await sendNothing(context, link);
  postNotice(context, caller, account, "address-taken");
  return false;
}

async function refusingWeak(
  context: IdentityContext,
  caller: Caller,
  email: string,
  label: string,
  given: string,
): Promise<string> {
  try {
    return await choosePassword(context, { caller, name: email }, given);
  } catch (error) {
    // The refusal goes on as it is; it is caught only to be recorded.
    if (error instanceof IdentityError) {
      emitEvent(context, caller, "account.refused", { reason: error.code, detail: { account: label } });
    }
    throw error;
  }
}

function answer(
  context: IdentityContext,
  id: string,
  email: string,
  { roles }: { readonly roles: readonly string[] },
  userMetadata: Metadata,
): Record<string, unknown> {
  const now = context.now();
  const time = new Date(now).toISOString();
  const identity = {
    id: randomUUID(),
    providerId: id,
    provider: "email",
    identityData: { sub: id, email, email_verified: false, phone_verified: false },
    lastSignInAt: null,
    createdAt: time,
    updatedAt: time,
  };
  return userJson({
    id,
    email,
    phone: "",
    isAnonymous: false,
    passwordHash: null,
    emailConfirmedAt: null,
    phoneConfirmedAt: null,
    invitedAt: null,
    newEmail: "",
    newPhone: "",
    sentAt: { ...nothingSent, ...(context.policy.identity.email.confirm ? { confirmation: now } : {}) },
    lastSignInAt: null,
    appMetadata: { provider: "email", providers: ["email"], roles },
    userMetadata,
    bannedUntil: null,
    deletedAt: null,
    createdAt: now,
    updatedAt: now,
    roleEnds: {},
    factors: [],
    passkeys: [],
    identities: [identity],
  });
}
