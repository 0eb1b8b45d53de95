import { IdentityError } from "../error/identity-error.ts";
import { revokeServiceKey } from "../key/keys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** DELETE /admin/service-keys/:id → 200 {id}. */
export const adminServiceKeyRevoke: AddRoute = (app, context) => {
  app.delete<{ Params: IdParams }>("/admin/service-keys/:id", { schema: { params: idParams } }, async (request) => {
    const caller = callerOf(request);
    await requireServiceKey(context, caller, request.headers.authorization);
    const { id } = request.params;
    if (!(await revokeServiceKey(context, caller, id))) throw new IdentityError("key_not_found");
    return { id };
  });
};
