import { type AuthorizeQuery, authorize } from "../oauth/authorize.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const found = 302;
const valueCharactersMax = 2000;
const parameter = { type: "string", maxLength: valueCharactersMax } as const;
const querystring = {
  type: "object",
  properties: {
    client_id: parameter,
    redirect_uri: parameter,
    response_type: parameter,
    scope: parameter,
    state: parameter,
    nonce: parameter,
    code_challenge: parameter,
    code_challenge_method: parameter,
  },
} as const;

/** GET /oauth/authorize → 302 to the consent page, or back to the client with an error; 400 while the client is not known. */
export const oauthAuthorize: AddRoute = (app, context) => {
  app.get<{ Querystring: AuthorizeQuery }>("/oauth/authorize", { schema: { querystring } }, async (request, reply) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    return reply.redirect(await authorize(context, callerOf(request), request.query), found);
  });
};
