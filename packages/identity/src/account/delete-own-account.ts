// Somebody leaves. What leaving needs is what any change to how one signs in needs: a second factor where there is one, and a
// fresh sign-in, so that a browser left open for a moment does not cost the account.
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { eraseAccount } from "./administer-account.ts";

/** Ends every session, then removes the account. @throws IdentityError insufficient_aal, reauthentication_needed, user_not_found */
export async function deleteOwnAccount(context: IdentityContext, caller: Caller, who: Authenticated): Promise<void> {
  requireFreshProof(context, caller, who);
  const { account } = who;
  await eraseAccount(context, caller, account.id, false);
  emitEvent(context, caller, "account.deleted", { subject: account.id, sessionId: who.session.id, reason: "own" });
  postNotice(context, caller, account, "account-deleted");
}
