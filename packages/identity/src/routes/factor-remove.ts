import { IdentityError } from "../error/identity-error.ts";
import { removeOwnFactor } from "../factor/remove-factor.ts";
import { authenticate, refusedForeign } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { clearSessionCookies, isCookieMode } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

/** DELETE /factors/:id → 200 {id}. In browser mode the cookies of a session that ended with it go too. */
export const factorRemove: AddRoute = (app, context) => {
  app.delete<{ Params: IdParams }>("/factors/:id", { schema: { params: idParams } }, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const factor = who.account.factors.find(({ id }) => id === request.params.id);
    if (factor === undefined) throw refusedForeign(context, caller, who, new IdentityError("mfa_factor_not_found"));
    const isOver = await removeOwnFactor(context, caller, who, factor);
    if (isOver && isCookieMode(request)) clearSessionCookies(reply);
    return { id: factor.id };
  });
};
