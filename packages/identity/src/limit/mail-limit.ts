// How many mails one address gets, and one network may ask for: nobody is to be flooded through us, and a code is guessed at
// only as often as there are codes. Counted for the address somebody typed, whether or not an account has it.
import { emailHash } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { addressKey } from "./address-key.ts";
import { countAttempt } from "./attempt-store.ts";

/** Many people may share a network: it may ask for this many times as many messages as one address gets. */
const networkFactor = 10;
const millisecondsPerSecond = 1000;

/** @throws IdentityError over_email_send_rate_limit, the same for who has an account and who has none */
export async function countMail(context: IdentityContext, caller: Caller, email: string, label: string): Promise<void> {
  const { attempts, windowSeconds } = context.policy.identity.lockout;
  const network = `message-network:${addressKey(caller.address)}`;
  for (const [key, allowed, scope] of [
    [network, attempts * networkFactor, "network"],
    [`message:${emailHash(email)}`, attempts, "recipient"],
  ] as const) {
    const now = context.now();
    const counted = await countAttempt(context.database, key, now, windowSeconds * millisecondsPerSecond);
    if (!context.rules.isLockedOut(counted.attempts, allowed)) continue;
    emitEvent(context, caller, "message.refused", { reason: `too-many-for-${scope}`, detail: { account: label } });
    throw new IdentityError("over_email_send_rate_limit", {
      retryAfterSeconds: Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond)),
    });
  }
}
