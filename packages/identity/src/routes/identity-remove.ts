import { IdentityError } from "../error/identity-error.ts";
import { postNotice } from "../message/notice.ts";
import { removeIdentity } from "../provider/identity-store.ts";
import { authenticate, requireFreshProof } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import type { AddRoute } from "./route.ts";

/** DELETE /user/identities/:id → 200 {}; the last one stays. Other sessions end: one of them may have come by it. */
export const identityRemove: AddRoute = (app, context) => {
  const options = { schema: { params: idParams } };
  app.delete<{ Params: IdParams }>("/user/identities/:id", options, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    if (!context.policy.identity.linking) throw new IdentityError("manual_linking_disabled");
    requireFreshProof(context, caller, who);
    const { account, session } = who;
    const removal = await removeIdentity(context.database, account.id, request.params.id, context.now());
    if (removal === "unknown") throw new IdentityError("identity_not_found");
    if (removal === "last") throw new IdentityError("single_identity_not_deletable");
    const provider = account.identities.find(({ id }) => id === request.params.id)?.provider ?? "";
    emitEvent(context, caller, "identity.removed", {
      subject: account.id,
      sessionId: session.id,
      detail: { provider },
    });
    postNotice(context, caller, account, "identity-unlinked");
    await endAccountSessions(context, caller, account.id, { kind: "others", except: session.id }, "identity-removed");
    return {};
  });
};
