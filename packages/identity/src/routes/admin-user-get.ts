import { userJson } from "../account/account.ts";
import { requireAccount } from "../account/administer-account.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /admin/users/:id → 200 user. Service key only. */
export const adminUserGet: AddRoute = (app, context) => {
  app.get<{ Params: IdParams }>("/admin/users/:id", { schema: { params: idParams } }, async (request) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    return userJson(await requireAccount(context, request.params.id));
  });
};
