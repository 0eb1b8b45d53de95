// How many messages one address gets, and one network may ask for: nobody is to be flooded through us, and a code is guessed at
// only as often as there are codes. Counted for the address somebody typed, whether or not an account has it.
import { emailHash } from "../account/email-address.ts";
import type { IdentityErrorCode } from "../error/error-code.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Recipient } from "../message/message.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { addressKey } from "./address-key.ts";
import { countAttempt } from "./attempt-store.ts";

/** Many people may share a network: it may ask for this many times as many messages as one address gets. */
const networkFactor = 10;
const millisecondsPerSecond = 1000;

const codes: Readonly<Record<Recipient["kind"], IdentityErrorCode>> = {
  email: "over_email_send_rate_limit",
  phone: "over_sms_send_rate_limit",
};

/** @throws IdentityError over_email_send_rate_limit or over_sms_send_rate_limit, the same for who has an account and who has none */
export async function countMessage(
  context: IdentityContext,
  caller: Caller,
  to: Recipient,
  label: string,
): Promise<void> {
  const { attempts, windowSeconds } = context.policy.identity.lockout;
  const network = `message-network:${addressKey(caller.address)}`;
  for (const [key, allowed, scope] of [
    [network, attempts * networkFactor, "network"],
    [`message:${emailHash(to.address)}`, attempts, "recipient"],
  ] as const) {
    const now = context.now();
    const counted = await countAttempt(context.database, key, now, windowSeconds * millisecondsPerSecond);
    if (!context.rules.isLockedOut(counted.attempts, allowed)) continue;
    emitEvent(context, caller, "message.refused", { reason: `too-many-for-${scope}`, detail: { account: label } });
    throw new IdentityError(codes[to.kind], {
      retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
    });
  }
}
