// Six digits by text message: counted, issued, sent. Whether anybody has the number shows in none of the three.
import { accountLabel } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { countTextMessage } from "../limit/text-message-limit.ts";
import type { MessageKind } from "../message/message.ts";
import { writeMessage } from "../message/write-message.ts";
import { issueOnce } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";
import { type Caller, emitEvent } from "../request/caller.ts";

/** NIST SP 800-63B-4 §3.1.3.2 allows ten minutes; a text message is there at once. */
export const phoneCodeSeconds = 300;

export interface PhoneCode {
  readonly purpose: OncePurpose;
  readonly phone: string;
  /** Whom it is for, if not the number itself. */
  readonly subject?: string;
  readonly userId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  /** Instead of a code that works, the number's owner gets this message; the work is the same. */
  readonly notice?: MessageKind;
  /** Nothing is sent at all. */
  readonly isSilent?: boolean;
}

/** @throws IdentityError over_sms_send_rate_limit, sms_send_failed */
export async function sendPhoneCode(context: IdentityContext, caller: Caller, wanted: PhoneCode): Promise<void> {
  const { purpose, phone, userId, payload, notice, isSilent = false } = wanted;
  await countTextMessage(context, caller, phone);
  refuseWhileFailing(context, caller, phone);
  const { code } = await issueOnce(context, {
    purpose,
    subject: wanted.subject ?? phone,
    userId,
    seconds: phoneCodeSeconds,
    payload,
    secret: "digits",
    decoy: notice !== undefined || isSilent,
  });
  if (isSilent) return;
  const to = { kind: "phone", address: phone } as const;
  const facts =
    notice === undefined
      ? ({ to, kind: "phone-code", code, seconds: phoneCodeSeconds } as const)
      : ({ to, kind: notice } as const);
  const about = { caller, account: accountLabel(phone), ...(userId === null ? {} : { subject: userId }) };
  context.outbox.post(writeMessage(context.policy, facts), about);
}

/** The same for every number, known or not: whoever waits for a code that cannot come is told so. */
function refuseWhileFailing({ outbox, emit, now }: IdentityContext, caller: Caller, phone: string): void {
  if (!outbox.isFailing("phone")) return;
  emitEvent({ emit, now }, caller, "message.refused", {
    reason: "carrier-failing",
    detail: { account: accountLabel(phone) },
  });
  throw new IdentityError("sms_send_failed", { retryAfterSeconds: 15 });
}
