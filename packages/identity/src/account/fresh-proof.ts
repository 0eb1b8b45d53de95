// Before somebody changes how they sign in: a recent sign-in, the current password, or the code that `GET /reauthenticate` sent.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { writeMessage } from "../message/write-message.ts";
import { issueOnce, spendOnce } from "../once/once.ts";
import { sendPhoneCode } from "../phone/phone-code.ts";
import { type Authenticated, refusedChange, wasRecentlyAuthenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import type { Account } from "./account.ts";
import { noteReauthentication } from "./change-store.ts";
import { accountLabel } from "./email-address.ts";
import { passwordMatches } from "./sign-in.ts";

export interface Proof {
  readonly currentPassword?: string;
  readonly nonce?: string;
}

/** @throws IdentityError current_password_invalid, reauthentication_not_valid, and the given code when there is no proof at all */
export async function requireProof(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { currentPassword, nonce }: Proof,
  whenMissing: "reauthentication_needed" | "current_password_required",
): Promise<void> {
  if (nonce !== undefined && nonce !== "") return await requireNonce(context, caller, who, nonce);
  if (currentPassword !== undefined) return await requireCurrentPassword(context, caller, who.account, currentPassword);
  if (!wasRecentlyAuthenticated(context, who)) throw refusedChange(context, caller, who, whenMissing);
}

/** Guesses here count like guesses at sign-in: a stolen session is no way around the limit. */
async function requireCurrentPassword(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  given: string,
): Promise<void> {
  const name = account.email === "" ? account.phone : account.email;
  const label = accountLabel(name);
  const attempt = await beginAttempt(context, caller, { kind: "password", email: name, account: label });
  if (await passwordMatches(context, attempt, account, given)) return await attempt.succeed();
  const facts = { subject: account.id, reason: "wrong-current-password", detail: { account: label } };
  emitEvent(context, caller, "signin.failed", facts);
  throw new IdentityError("current_password_invalid");
}

async function requireNonce(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  nonce: string,
): Promise<void> {
  const attempt = await beginAttempt(context, caller, { kind: "factor", userId: account.id });
  if ((await spendOnce(context, { purpose: "reauthenticate", subject: account.id, secret: nonce })) !== null)
    return await attempt.succeed();
  emitEvent(context, caller, "signin.failed", { subject: account.id, sessionId: session.id, reason: "wrong-nonce" });
  throw new IdentityError("reauthentication_not_valid");
}

const gapMs = 60_000;
const millisecondsPerSecond = 1000;

/** Sends the code to the address, or where there is none to the number. @throws IdentityError validation_failed, over_email_send_rate_limit, … */
export async function sendNonce(context: IdentityContext, caller: Caller, { account }: Authenticated): Promise<void> {
  const subject = account.id;
  if (account.email === "" && account.phone === "") {
    throw new IdentityError("validation_failed", {
      status: 422,
      message: "Reauthentication requires the user to have an email or a phone number",
    });
  }
  if (account.email === "") {
    await sendPhoneCode(context, caller, {
      purpose: "reauthenticate",
      phone: account.phone,
      subject,
      userId: subject,
      payload: {},
    });
  } else {
    refuseTooSoon(account.sentAt.reauthentication, context.now());
    const seconds = context.policy.identity.email.codeSeconds;
    const { code } = await issueOnce(context, {
      purpose: "reauthenticate",
      subject,
      userId: subject,
      seconds,
      payload: {},
      secret: "digits",
    });
    const to = { kind: "email", address: account.email } as const;
    const message = writeMessage(context.policy, { to, kind: "reauthenticate", code, seconds });
    context.outbox.post(message, { caller, subject, account: accountLabel(account.email) });
  }
  await noteReauthentication(context.database, subject, context.now());
}

/** One message a minute. @throws IdentityError over_email_send_rate_limit */
export function refuseTooSoon(sentAt: number | null, now: number): void {
  const left = sentAt === null || sentAt > now ? 0 : sentAt + gapMs - now;
  if (left <= 0) return;
  const seconds = Math.ceil(left / millisecondsPerSecond);
  throw new IdentityError("over_email_send_rate_limit", {
    message: `For security purposes, you can only request this after ${seconds} seconds.`,
    retryAfterSeconds: seconds,
  });
}
