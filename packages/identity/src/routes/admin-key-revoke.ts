import { IdentityError } from "../error/identity-error.ts";
import { revokeSigningKey } from "../key/keys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const params = {
  type: "object",
  properties: { kid: { type: "string", pattern: "^[A-Za-z0-9_-]{43}$" } },
  required: ["kid"],
} as const;

interface Input {
  Params: { readonly kid: string };
  Querystring: { readonly sessions?: unknown };
}

/** DELETE /admin/keys/:kid → 200 {sessions, sessions_ended, service_keys}. With `?sessions=end` the sessions end as well. */
export const adminKeyRevoke: AddRoute = (app, context) => {
  app.delete<Input>("/admin/keys/:kid", { schema: { params } }, async (request) => {
    const caller = callerOf(request);
    await requireServiceKey(context, caller, request.headers.authorization);
    const { sessions } = request.query;
    if (sessions !== undefined && sessions !== "end") {
      throw new IdentityError("validation_failed", { message: "sessions can only be: end" });
    }
    const revoked = await revokeSigningKey(context, caller, request.params.kid, sessions === "end");
    if (revoked === null) throw new IdentityError("key_not_found");
    return {
      sessions: revoked.sessions,
      sessions_ended: revoked.areSessionsEnded,
      service_keys: revoked.serviceKeys,
    };
  });
};
