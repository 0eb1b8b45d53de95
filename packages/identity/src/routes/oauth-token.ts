import { authenticateClient } from "../oauth/authenticate-client.ts";
import { requireClientOrigin } from "../oauth/cross-origin.ts";
import { oauthError, requireOAuthServer } from "../oauth/oauth-error.ts";
import { redeemCode, refreshClientSession, type TokenRequest } from "../oauth/token-grant.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Body extends TokenRequest {
  readonly grant_type?: string;
  readonly client_id?: string;
  readonly client_secret?: string;
}

const valueCharactersMax = 2000;
const parameter = { type: "string", maxLength: valueCharactersMax } as const;
const body = {
  type: "object",
  properties: {
    grant_type: parameter,
    client_id: parameter,
    client_secret: parameter,
    code: parameter,
    redirect_uri: parameter,
    code_verifier: parameter,
    refresh_token: parameter,
    scope: parameter,
  },
} as const;

/** POST /oauth/token, form or JSON → 200 tokens. Two grants and no others (OAuth 2.1 §1.3). */
export const oauthToken: AddRoute = (app, context) => {
  const options = { schema: { body }, config: { form: "also" as const } };
  app.post<{ Body: Body }>("/oauth/token", options, async (request) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const caller = callerOf(request);
    const client = await authenticateClient(context, caller, request.headers.authorization, request.body);
    requireClientOrigin(context, caller, request.headers.origin, client);
    switch (request.body.grant_type) {
      case "authorization_code":
        return await redeemCode(context, caller, client, request.body);
      case "refresh_token":
        return await refreshClientSession(context, caller, client, request.body);
      default:
        emitEvent(context, caller, "grant.refused", { reason: "grant-unsupported", detail: { client: client.id } });
        throw oauthError("unsupported_grant_type", "grant_type must be authorization_code or refresh_token");
    }
  });
};
