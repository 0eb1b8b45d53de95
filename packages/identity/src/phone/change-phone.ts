// Another number for an account: the new number confirms it, and whoever had the account's address or number is told.
import { findAccountByPhone } from "../account/account-store.ts";
import { noteNewPhone } from "../account/change-store.ts";
import { accountLabel } from "../account/email-address.ts";
import type { IdentityContext } from "../identity-context.ts";
import { endOnce } from "../once/once.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { sendPhoneCode } from "./phone-code.ts";
import { requirePhoneSignIn } from "./sign-in-by-phone.ts";

export interface PhoneWish {
  /** E.164 without its plus sign. */
  readonly phone: string;
  /** An anonymous person's first password: it counts once the number is confirmed. */
  readonly passwordHash: string | null;
}

/** A free and a taken number are treated alike. @throws IdentityError over_sms_send_rate_limit, phone_provider_disabled */
export async function requestPhoneChange(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  { phone, passwordHash }: PhoneWish,
): Promise<void> {
  requirePhoneSignIn(context, caller);
  const isTaken = (await findAccountByPhone(context.database, phone)) !== null;
  await endOnce(context, { userId: account.id }, ["change-phone"]);
  await sendPhoneCode(context, caller, {
    purpose: "change-phone",
    phone,
    userId: account.id,
    payload: { passwordHash },
    ...(isTaken ? { notice: "address-taken" } : {}),
  });
  await noteNewPhone(context.database, account.id, phone, context.now());
  emitEvent(context, caller, "account.changed", {
    subject: account.id,
    sessionId: session.id,
    reason: "number-requested",
    detail: { account: accountLabel(phone), taken: isTaken },
  });
}
