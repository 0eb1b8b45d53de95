// The two links of a change of address once more. Whoever asks does not learn whether anything waits for the address.
import type { IdentityContext } from "../identity-context.ts";
import { countMail } from "../limit/mail-limit.ts";
import type { Caller } from "../request/caller.ts";
import type { Delivery } from "../verify/delivery.ts";
import { findAccountByEmail } from "./account-store.ts";
import { askBothSides, askNobody } from "./change-email.ts";
import { readEmail } from "./create-account.ts";
import { accountLabel } from "./email-address.ts";

/** @throws IdentityError email_address_invalid, over_email_send_rate_limit */
export async function resendEmailChange(
  context: IdentityContext,
  caller: Caller,
  given: { readonly email: string; readonly delivery: Delivery },
): Promise<void> {
  const email = readEmail(context, given.email);
  await countMail(context, caller, email, accountLabel(email));
  const account = await findAccountByEmail(context.database, email);
  const { delivery } = given;
  if (account === null || account.newEmail === "") return await askNobody(context, email, delivery);
  await askBothSides(context, caller, account, { email: account.newEmail, passwordHash: null, delivery });
}
