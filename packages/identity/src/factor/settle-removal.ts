// After somebody has taken away one of their own factors or passkeys: what relied on it goes too.
import type { IdentityContext } from "../identity-context.ts";
import type { Authenticated } from "../request/authenticate.ts";
import type { Caller } from "../request/caller.ts";
import { assuranceOf } from "../session/assurance.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { findSession } from "../session/session-store.ts";
import { removeLeftAloneCodes } from "./recovery-code-store.ts";

/** True when the session that did it ended as well. */
export async function settleRemoval(context: IdentityContext, caller: Caller, who: Authenticated): Promise<boolean> {
  const { account, session } = who;
  await removeLeftAloneCodes(context, caller, account.id);
  if (context.rules.endsOtherSessions("factor")) {
    await endAccountSessions(context, caller, account.id, { kind: "others", except: session.id }, "factor-changed");
  }
  const left = await findSession(context.database, session.id);
  if (left !== null && assuranceOf(context, left.account, left.session) === "aal2") return false;
  // Its access token says aal2 until it expires and cannot be called back; only a session that is over makes it worthless.
  await endAccountSessions(context, caller, account.id, { kind: "one", id: session.id }, "factor-changed");
  return true;
}
