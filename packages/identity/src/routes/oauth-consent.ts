import { decideConsent } from "../oauth/consent.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly action: "approve" | "deny";
}

const body = {
  type: "object",
  properties: { action: { enum: ["approve", "deny"] } },
  required: ["action"],
} as const;

/** POST /oauth/authorizations/:id/consent {action: approve|deny} → 200 {redirect_url}. */
export const oauthConsent: AddRoute = (app, context) => {
  const path = "/oauth/authorizations/:id/consent";
  app.post<{ Params: IdParams; Body: Body }>(path, { schema: { params: idParams, body } }, async (request) => {
    requireOAuthServer(context.policy.identity.oauthServer.on);
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return { redirect_url: await decideConsent(context, caller, who, request.params.id, request.body.action) };
  });
};
