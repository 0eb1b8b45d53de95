import { removeOwnPasskey } from "../passkey/manage-passkeys.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { clearSessionCookies, isCookieMode } from "../session/session-cookies.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

/** DELETE /passkeys/:id → 204. In browser mode the cookies of a session that ended with it go too. */
export const passkeyRemove: AddRoute = (app, context) => {
  const options = { schema: { params: idParams }, onRequest: passkeyGate(context) };
  app.delete<{ Params: IdParams }>("/passkeys/:id", options, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const isOver = await removeOwnPasskey(context, caller, who, request.params.id);
    if (isOver && isCookieMode(request)) clearSessionCookies(reply);
    return reply.code(204).send();
  });
};
