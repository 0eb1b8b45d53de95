import { removeAccount } from "../account/administer-account.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly should_soft_delete?: boolean;
}

const body = { type: ["object", "null"], properties: { should_soft_delete: { type: "boolean" } } } as const;

/** DELETE /admin/users/:id {should_soft_delete} → 200 {}. Service key only. */
export const adminUserDelete: AddRoute = (app, context) => {
  const schema = { body, params: idParams };
  app.delete<{ Params: IdParams; Body: Body | null }>("/admin/users/:id", { schema }, async (request) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    await removeAccount(context, caller, actor, request.params.id, request.body?.should_soft_delete === true);
    return {};
  });
};
