import { factorJson } from "../account/account.ts";
import { requireAccount } from "../account/administer-account.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /admin/users/:id/factors → 200 [factor]. Service key only. */
export const adminFactorList: AddRoute = (app, context) => {
  app.get<{ Params: IdParams }>("/admin/users/:id/factors", { schema: { params: idParams } }, async (request) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    const { factors } = await requireAccount(context, request.params.id);
    return factors.map(factorJson);
  });
};
