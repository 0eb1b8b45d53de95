// Links and codes that prove an address: of a sign-up, and of a sign-in.
import type { Account } from "../account/account.ts";
import { confirmAddress, type PendingAccount } from "../account/confirm-address.ts";
import type { IdentityContext } from "../identity-context.ts";
import { endOnce, type Redeemed } from "../once/once.ts";
import type { OncePurpose } from "../once/purpose.ts";
import type { Caller } from "../request/caller.ts";
import type { Accepted, Means, Verification } from "./verification.ts";

/** The attempt that a token carries. Written by us alone. */
const attemptOf = ({ payload }: Redeemed): PendingAccount | null =>
  (payload.attempt as PendingAccount | undefined) ?? null;

/** An account whose address has changed since the token was mailed is not this address's any more. */
const isStillTheirs = (account: Account, { userId, subject }: Redeemed): boolean =>
  account.email === subject && (userId === null || userId === account.id);

async function accept(
  context: IdentityContext,
  caller: Caller,
  redeemed: Redeemed,
  means: Means,
  purpose: OncePurpose,
): Promise<Accepted | null> {
  const proven = await confirmAddress(context, caller, redeemed.subject, attemptOf(redeemed));
  if (proven === null || !isStillTheirs(proven.account, redeemed)) return null;
  const { account, wasConfirmed } = proven;
  if (purpose === "confirm-sign-up") {
    // Another attempt was confirmed first: this one's password must not open its account.
    return wasConfirmed ? null : { kind: "account", account, method: "email/signup" };
  }
  await endOnce(context, { subject: redeemed.subject }, ["sign-in"]);
  return { kind: "account", account, method: means === "code" ? "otp" : "magiclink" };
}

export const signUpVerification: Verification = { purposes: ["confirm-sign-up"], accept };

/** Clients say "email" or "magiclink" for whatever code arrived first. */
export const emailVerification: Verification = { purposes: ["sign-in", "confirm-sign-up"], accept };
