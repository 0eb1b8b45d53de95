// A link or code for somebody who has lost their password. It signs in with one factor: whoever has a second one still needs it to
// change anything about how they sign in, the password among it.
import { confirmAddress } from "../account/confirm-address.ts";
import { endOnce } from "../once/once.ts";
import type { Verification } from "./verification.ts";

export const recoveryVerification: Verification = {
  purposes: ["recover"],
  async accept(context, caller, { subject, userId }) {
    const proven = await confirmAddress(context, caller, subject, null);
    if (proven === null || proven.account.id !== userId) return null;
    await endOnce(context, { userId }, ["recover", "sign-in"]);
    return { kind: "account", account: proven.account, method: "recovery" };
  },
};
