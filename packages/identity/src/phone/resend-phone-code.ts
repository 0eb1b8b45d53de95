// A code once more, for the same attempt. Whoever asks does not learn whether there was one.
import type { IdentityContext } from "../identity-context.ts";
import type { Caller } from "../request/caller.ts";
import { sendPhoneCode } from "./phone-code.ts";
import { readPhone } from "./phone-number.ts";
import { requirePhoneSignIn } from "./sign-in-by-phone.ts";

interface PendingRow {
  readonly user_id: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** An attempt is over after this, whatever was sent for it. */
const attemptMs = 3_600_000;

/** @throws IdentityError phone_provider_disabled, over_sms_send_rate_limit, validation_failed */
export async function resendPhoneCode(
  context: IdentityContext,
  caller: Caller,
  given: { readonly purpose: "sign-in-phone" | "change-phone"; readonly phone: string },
): Promise<void> {
  requirePhoneSignIn(context, caller);
  const { purpose } = given;
  const phone = readPhone(given.phone);
  const { rows } = await context.database.query<PendingRow>(
    `select user_id, payload from auth.one_time_tokens
     where purpose = $1 and subject = $2 and spent_at is null and created_at > $3 order by created_at desc, id limit 1`,
    [purpose, phone, new Date(context.now() - attemptMs)],
  );
  const pending = rows[0];
  await sendPhoneCode(context, caller, {
    purpose,
    phone,
    userId: pending?.user_id ?? null,
    payload: pending?.payload ?? {},
    isSilent: pending === undefined,
  });
}
