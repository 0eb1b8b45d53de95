// Somebody takes over the account that an administrator made for them. What others claimed for the address does not stay.
import { findAccount } from "../account/account-store.ts";
import { confirmAddress, type PendingAccount } from "../account/confirm-address.ts";
import type { Verification } from "./verification.ts";

export const inviteVerification: Verification = {
  purposes: ["invite"],
  async accept(context, caller, { userId, subject, payload }) {
    // An invitation to an account that was removed since makes no new one.
    const invited = await findAccount(context.database, userId ?? "");
    if (invited === null || invited.deletedAt !== null) return null;
    const proven = await confirmAddress(context, caller, subject, payload.attempt as PendingAccount);
    if (proven === null || proven.wasConfirmed || proven.account.id !== userId) return null;
    return { kind: "account", account: proven.account, method: "invite" };
  },
};
