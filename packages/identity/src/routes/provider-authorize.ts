import { beginProviderSignIn, stateSeconds } from "../provider/begin-sign-in.ts";
import { markBrowser } from "../provider/browser-cookie.ts";
import { callerOf } from "../request/caller.ts";
import { type ProviderQuery, providerQuery, readProviderQuery } from "./provider-query.ts";
import type { AddRoute } from "./route.ts";

const found = 302;

/** GET /authorize?provider&redirect_to&scopes&code_challenge&code_challenge_method → 302 to the provider. */
export const providerAuthorize: AddRoute = (app, context) => {
  const options = { schema: { querystring: providerQuery } };
  app.get<{ Querystring: ProviderQuery }>("/authorize", options, async (request, reply) => {
    const browser = markBrowser(request, reply, stateSeconds);
    const wish = { ...readProviderQuery(request.query), link: null };
    return reply.redirect(await beginProviderSignIn(context, callerOf(request), wish, browser), found);
  });
};
