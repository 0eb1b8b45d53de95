import { IdentityError } from "../error/identity-error.ts";
import { beginProviderSignIn, stateSeconds } from "../provider/begin-sign-in.ts";
import { markBrowser } from "../provider/browser-cookie.ts";
import { authenticate, requireFreshProof } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { type ProviderQuery, providerQuery, readProviderQuery } from "./provider-query.ts";
import type { AddRoute } from "./route.ts";

const found = 302;

/** GET /user/identities/authorize?provider&skip_http_redirect → 200 {url}, or 302 to the provider. */
export const identityLink: AddRoute = (app, context) => {
  const options = { schema: { querystring: providerQuery } };
  app.get<{ Querystring: ProviderQuery }>("/user/identities/authorize", options, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    if (!context.policy.identity.linking) throw new IdentityError("manual_linking_disabled");
    requireFreshProof(context, caller, who);
    const browser = markBrowser(request, reply, stateSeconds);
    const link = { userId: who.account.id, sessionId: who.session.id };
    const url = await beginProviderSignIn(context, caller, { ...readProviderQuery(request.query), link }, browser);
    return request.query.skip_http_redirect === "true" ? { url } : reply.redirect(url, found);
  });
};
