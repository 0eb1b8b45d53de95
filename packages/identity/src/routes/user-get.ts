import { userJson } from "../account/account.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /user → 200 user. */
export const userGet: AddRoute = (app, context) => {
  app.get("/user", async (request) => {
    const { account, session } = await authenticate(context, callerOf(request), request.headers.authorization);
    const { actor, notAfter } = session;
    if (actor === null) return userJson(account);
    // Ours: who acts, why, and until when, for the banner.
    const act = { sub: actor.id, reason: actor.reason, not_after: new Date(notAfter).toISOString() };
    return { ...userJson(account), act };
  });
};
