// What an anonymous person may not do: whoever gave nothing to be recognised by has nothing to protect, and nobody to ask.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Authenticated } from "./authenticate.ts";
import { type Caller, emitEvent } from "./caller.ts";

/** @throws IdentityError no_authorization (403), as Supabase Auth answers */
export function requirePermanent(context: IdentityContext, caller: Caller, { account, session }: Authenticated): void {
  if (!account.isAnonymous) return;
  emitEvent(context, caller, "edge.access-refused", {
    subject: account.id,
    sessionId: session.id,
    reason: "anonymous",
  });
  throw new IdentityError("no_authorization", {
    status: 403,
    message: "Anonymous user not allowed to perform these actions",
  });
}
