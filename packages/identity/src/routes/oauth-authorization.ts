import { describeAuthorization } from "../oauth/consent.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /oauth/authorizations/:id → 200 what a client asks for, or `{redirect_url}` where nothing has to be asked. */
export const oauthAuthorization: AddRoute = (app, context) => {
  const options = { schema: { params: idParams } };
  app.get<{ Params: IdParams }>("/oauth/authorizations/:id", options, async (request) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return await describeAuthorization(context, caller, who, request.params.id);
  });
};
