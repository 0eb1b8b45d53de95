import { requireAccount } from "../account/administer-account.ts";
import { removeFactorOf } from "../factor/remove-factor.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Params {
  readonly id: string;
  readonly factor: string;
}

const params = {
  type: "object",
  properties: { id: uuidSchema, factor: uuidSchema },
  required: ["id", "factor"],
} as const;

/** DELETE /admin/users/:id/factors/:factor → 200 {id}. Service key only. */
export const adminFactorDelete: AddRoute = (app, context) => {
  app.delete<{ Params: Params }>("/admin/users/:id/factors/:factor", { schema: { params } }, async (request) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    const { id, factor } = request.params;
    await requireAccount(context, id);
    await removeFactorOf(context, caller, actor, { userId: id, factorId: factor });
    return { id: factor };
  });
};
