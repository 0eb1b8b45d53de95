import { userJson } from "../account/account.ts";
import { administerAccount } from "../account/administer-account.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type AdminBody, adminBody, readAdminBody } from "./admin-schema.ts";
import type { AddRoute } from "./route.ts";

/** PUT /admin/users/:id → 200 user. Sets roles (app_metadata.roles) that need nobody's approval. Service key only. */
export const adminUserUpdate: AddRoute = (app, context) => {
  const schema = { body: adminBody, params: idParams };
  app.put<{ Params: IdParams; Body: AdminBody }>("/admin/users/:id", { schema }, async (request) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    const wanted = readAdminBody(request.body, context.now());
    return userJson(await administerAccount(context, caller, actor, request.params.id, wanted));
  });
};
