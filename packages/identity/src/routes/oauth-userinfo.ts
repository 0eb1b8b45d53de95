import { findClient } from "../oauth/client-store.ts";
import { requireClientOrigin } from "../oauth/cross-origin.ts";
import { personClaims } from "../oauth/id-token.ts";
import { oauthError, requireOAuthServer } from "../oauth/oauth-error.ts";
import { isWithinScope } from "../oauth/oauth-scope.ts";
import { authenticateAnybody } from "../request/authenticate.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /oauth/userinfo → 200 the claims that the client's scope opens. For tokens of clients with `openid` only. */
export const oauthUserinfo: AddRoute = (app, context) => {
  app.get("/oauth/userinfo", async (request) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const caller = callerOf(request);
    const { account, session } = await authenticateAnybody(context, caller, request.headers.authorization);
    if (session.client === null || !isWithinScope("openid", session.client.scope)) {
      const facts = { subject: account.id, sessionId: session.id, reason: "insufficient_scope" };
      emitEvent(context, caller, "edge.access-refused", facts);
      throw oauthError("insufficient_scope", "The token was not granted openid");
    }
    const client = await findClient(context.database, session.client.id);
    requireClientOrigin(context, caller, request.headers.origin, client);
    return personClaims(account, session.client.scope);
  });
};
