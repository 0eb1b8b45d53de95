import { deleteOwnAccount } from "../account/delete-own-account.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { clearSessionCookies, isCookieMode } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

const noContent = 204;

/** DELETE /user → 204: one's own account, with all its sessions. An extension; auth-js has no such call. */
export const userDelete: AddRoute = (app, context) => {
  app.delete("/user", async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    await deleteOwnAccount(context, caller, who);
    if (isCookieMode(request)) clearSessionCookies(reply);
    return reply.code(noContent).send();
  });
};
