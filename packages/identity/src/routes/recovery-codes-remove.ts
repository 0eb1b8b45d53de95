import { removeRecoveryCodes } from "../factor/recovery-codes.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { clearSessionCookies, isCookieMode } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

/** DELETE /factors/recovery-codes → 200 {id}. In browser mode the cookies of a session that ended with them go too. */
export const recoveryCodesRemove: AddRoute = (app, context) => {
  app.delete("/factors/recovery-codes", async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const { id, isOver } = await removeRecoveryCodes(context, caller, who);
    if (isOver && isCookieMode(request)) clearSessionCookies(reply);
    return { id };
  });
};
