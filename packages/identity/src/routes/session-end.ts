import { IdentityError } from "../error/identity-error.ts";
import { authenticate, refusedForeign } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import type { AddRoute } from "./route.ts";

const noContent = 204;
const notFound = 404;

/** DELETE /user/sessions/:id → 204; 404 for a session that is not the person's own. */
export const sessionEnd: AddRoute = (app, context) => {
  app.delete<{ Params: IdParams }>("/user/sessions/:id", { schema: { params: idParams } }, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const choice = { kind: "one", id: request.params.id } as const;
    const ended = await endAccountSessions(context, caller, who.account.id, choice, "revoked");
    if (ended.length === 0) {
      const message = "There is no such session";
      throw refusedForeign(context, caller, who, new IdentityError("session_not_found", { status: notFound, message }));
    }
    return reply.code(noContent).send();
  });
};
