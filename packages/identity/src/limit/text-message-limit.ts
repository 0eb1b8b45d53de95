// How many text messages leave. Each costs money, and somebody may earn from them: numbers that pay their owner are asked for codes
// by the thousand. Counted before anything is looked up, so that a limit tells nothing about a number.
import { accountLabel, emailHash } from "../account/email-address.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { addressKey } from "./address-key.ts";
import { countAttempt } from "./attempt-store.ts";
import { countryCode } from "./country-code.ts";

interface SendLimit {
  readonly key: string;
  readonly allowed: number;
  readonly seconds: number;
  /** For the event. */
  readonly scope: string;
}

const hour = 3600;
const gapSeconds = 60;
const perNumber = 5;
const perNetwork = 10;
/** All numbers of one prefix together: they are bought in blocks. */
const perPrefix = 20;
const prefixDigits = 7;
const millisecondsPerSecond = 1000;

/** @throws IdentityError over_sms_send_rate_limit, sms_send_failed: a country that the policy does not name */
export async function countTextMessage(context: IdentityContext, caller: Caller, phone: string): Promise<void> {
  refuseForeign(context, caller, phone);
  const { perCountry } = context.policy.identity.phone;
  const label = emailHash(phone);
  const limits: readonly SendLimit[] = [
    { key: `sms-address:${addressKey(caller.address)}`, allowed: perNetwork, seconds: hour, scope: "sms-address" },
    { key: `sms-country:${countryCode(phone)}`, allowed: perCountry, seconds: hour, scope: "sms-country" },
    { key: `sms-prefix:${phone.slice(0, prefixDigits)}`, allowed: perPrefix, seconds: hour, scope: "sms-prefix" },
    { key: `sms-number:${label}`, allowed: perNumber, seconds: hour, scope: "sms-number" },
    { key: `sms-gap:${label}`, allowed: 1, seconds: gapSeconds, scope: "sms-gap" },
  ];
  for (const limit of limits) await count(context, caller, limit);
}

/** Before anything is counted: who asks for numbers that get no messages uses up nobody's. */
function refuseForeign(context: IdentityContext, caller: Caller, phone: string): void {
  if (context.rules.maySendTo(phone, context.policy.identity.phone.prefixes)) return;
  emitEvent(context, caller, "message.refused", {
    reason: "prefix-not-named",
    detail: { account: accountLabel(phone) },
  });
  throw new IdentityError("sms_send_failed", { message: "No text messages are sent to numbers of this country" });
}

async function count(context: IdentityContext, caller: Caller, limit: SendLimit): Promise<void> {
  const now = context.now();
  const counted = await countAttempt(context.database, limit.key, now, limit.seconds * millisecondsPerSecond);
  if (!context.rules.isLockedOut(counted.attempts, limit.allowed)) return;
  emitEvent(context, caller, "signin.locked", { reason: limit.scope });
  const seconds = Math.max(1, Math.ceil((counted.windowEndsAt - now) / millisecondsPerSecond));
  throw new IdentityError("over_sms_send_rate_limit", {
    message: `For security purposes, you can only request this after ${seconds} seconds.`,
    retryAfterSeconds: seconds,
  });
}
