import { describeGrants, revokeGrant } from "../oauth/consent.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { authenticate } from "../request/authenticate.ts";
import { uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const noContent = 204;
const querystring = { type: "object", properties: { client_id: uuidSchema }, required: ["client_id"] } as const;

/** GET /user/oauth/grants → 200 [{client, scopes, granted_at}]. */
export const oauthGrantList: AddRoute = (app, context) => {
  app.get("/user/oauth/grants", async (request) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const { account } = await authenticate(context, callerOf(request), request.headers.authorization);
    return await describeGrants(context, account.id);
  });
};

/** DELETE /user/oauth/grants?client_id → 204; the client's sessions end. */
export const oauthGrantRemove: AddRoute = (app, context) => {
  const options = { schema: { querystring } };
  app.delete<{ Querystring: { client_id: string } }>("/user/oauth/grants", options, async (request, reply) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    await revokeGrant(context, caller, who, request.query.client_id);
    return reply.code(noContent).send();
  });
};
