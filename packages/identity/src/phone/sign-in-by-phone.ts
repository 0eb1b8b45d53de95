// Signing up and in with a number. An account comes to be when the code comes back, with the password of that one attempt; until
// then nothing is stored under the number, and a known number gets the answer of an unknown one.
import { randomUUID } from "node:crypto";
import { nothingSent, userJson } from "../account/account.ts";
import { findAccountByPhone } from "../account/account-store.ts";
import { accountLabel } from "../account/email-address.ts";
import { type Metadata, mergeUserMetadata } from "../account/metadata.ts";
import { choosePassword } from "../account/password-choice.ts";
import { passwordMatches } from "../account/sign-in.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt, countSignUp } from "../limit/attempts.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { beginSession, type SessionAnswer } from "../session/session-answer.ts";
import { sendPhoneCode } from "./phone-code.ts";
import { readPhone } from "./phone-number.ts";

/** @throws IdentityError phone_provider_disabled */
export function requirePhoneSignIn(context: IdentityContext, caller: Caller): void {
  if (context.policy.identity.phone.signIn) return;
  emitEvent(context, caller, "signin.failed", { reason: "phone_provider_disabled" });
  throw new IdentityError("phone_provider_disabled");
}

export interface PhoneSignUp {
  readonly phone: string;
  readonly password: string;
  readonly data: Metadata;
  /** The whole body as it was sent. */
  readonly body: unknown;
}

/** The user as the client sees it. @throws IdentityError signup_disabled, weak_password, over_sms_send_rate_limit, … */
export async function signUpByPhone(
  context: IdentityContext,
  caller: Caller,
  request: PhoneSignUp,
): Promise<Record<string, unknown>> {
  requirePhoneSignIn(context, caller);
  const { identity } = context.policy;
  if (identity.signUp === "closed") {
    emitEvent(context, caller, "account.refused", { reason: "sign-up-closed" });
    throw new IdentityError("signup_disabled");
  }
  const phone = readPhone(request.phone);
  const label = accountLabel(phone);
  await countSignUp(context, caller, label);
  const userMetadata = mergeUserMetadata({}, request.data);
  const roles = context.rules.rolesOfNewAccount(identity.defaultRoles, request.body);
  const passwordHash = await context.hasher.hash(
    await choosePassword(context, { caller, name: phone }, request.password),
  );
  const taken = (await findAccountByPhone(context.database, phone)) !== null;
  if (taken) emitEvent(context, caller, "account.refused", { reason: "address-taken", detail: { account: label } });
  await sendPhoneCode(context, caller, {
    purpose: "sign-in-phone",
    phone,
    userId: null,
    payload: { passwordHash, userMetadata, roles },
    ...(taken ? { notice: "address-taken" } : {}),
  });
  return pendingUser(phone, roles, userMetadata, context.now());
}

/** POST /otp {phone}. @throws IdentityError phone_provider_disabled, over_sms_send_rate_limit, validation_failed */
export async function requestPhoneCode(
  context: IdentityContext,
  caller: Caller,
  request: { readonly phone: string; readonly mayCreate: boolean; readonly data: Metadata; readonly body: unknown },
): Promise<void> {
  requirePhoneSignIn(context, caller);
  const phone = readPhone(request.phone);
  const { identity } = context.policy;
  const userMetadata = mergeUserMetadata({}, request.data);
  const account = await findAccountByPhone(context.database, phone);
  const isWelcome = account !== null || (request.mayCreate && identity.signUp === "open");
  const roles = context.rules.rolesOfNewAccount(identity.defaultRoles, request.body);
  await sendPhoneCode(context, caller, {
    purpose: "sign-in-phone",
    phone,
    userId: account?.id ?? null,
    payload: { userMetadata, roles },
    isSilent: !isWelcome,
  });
  if (!isWelcome) {
    const detail = { account: accountLabel(phone) };
    emitEvent(context, caller, "signin.failed", { reason: "unknown-account", detail });
  }
}

/** POST /token?grant_type=password {phone, password}. @throws IdentityError invalid_credentials, phone_not_confirmed, … */
export async function signInWithPhonePassword(
  context: IdentityContext,
  caller: Caller,
  given: { readonly phone: string; readonly password: string },
): Promise<SessionAnswer> {
  requirePhoneSignIn(context, caller);
  const phone = readPhone(given.phone);
  const label = accountLabel(phone);
  const detail = { account: label };
  const attempt = await beginAttempt(context, caller, { kind: "password", email: phone, account: label });
  const account = await findAccountByPhone(context.database, phone);
  const matches = await passwordMatches(context, attempt, account, given.password);
  if (account === null || !matches) {
    const reason = account === null ? "unknown-account" : "wrong-password";
    emitEvent(context, caller, "signin.failed", {
      ...(account === null ? {} : { subject: account.id }),
      reason,
      detail,
    });
    throw new IdentityError("invalid_credentials");
  }
  await attempt.succeed();
  const refuse = (reason: string, code: "phone_not_confirmed" | "user_banned") => {
    emitEvent(context, caller, "signin.failed", { subject: account.id, reason, detail });
    return new IdentityError(code);
  };
  if (context.rules.isBanned(account.bannedUntil, context.now())) throw refuse("banned", "user_banned");
  if (account.phoneConfirmedAt === null) throw refuse("unconfirmed", "phone_not_confirmed");
  const { session, answer } = await beginSession(context, caller, account, "password");
  const facts = { subject: account.id, sessionId: session.id, reason: "password", detail };
  emitEvent(context, caller, "signin.succeeded", facts);
  return answer;
}

/** What signing up answers with: built from what was sent and nothing else. */
function pendingUser(
  phone: string,
  roles: readonly string[],
  userMetadata: Metadata,
  now: number,
): Record<string, unknown> {
  const id = randomUUID();
  const time = new Date(now).toISOString();
  const identityData = { sub: id, phone, email_verified: false, phone_verified: false };
  return userJson({
    id,
    email: "",
    phone,
    isAnonymous: false,
    passwordHash: null,
    emailConfirmedAt: null,
    phoneConfirmedAt: null,
    invitedAt: null,
    newEmail: "",
    newPhone: "",
    sentAt: { ...nothingSent, confirmation: now },
    lastSignInAt: null,
    appMetadata: { provider: "phone", providers: ["phone"], roles: [...roles].sort() },
    userMetadata,
    bannedUntil: null,
    deletedAt: null,
    createdAt: now,
    updatedAt: now,
    roleEnds: {},
    factors: [],
    passkeys: [],
    identities: [
      {
        id: randomUUID(),
        providerId: id,
        provider: "phone",
        identityData,
        lastSignInAt: null,
        createdAt: time,
        updatedAt: time,
      },
    ],
  });
}
