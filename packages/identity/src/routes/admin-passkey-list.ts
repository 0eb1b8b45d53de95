import { requireAccount } from "../account/administer-account.ts";
import { passkeysOf } from "../passkey/manage-passkeys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

/** GET /admin/users/:id/passkeys → 200 [passkey]. Service key only. */
export const adminPasskeyList: AddRoute = (app, context) => {
  const options = { schema: { params: idParams }, onRequest: passkeyGate(context) };
  app.get<{ Params: IdParams }>("/admin/users/:id/passkeys", options, async (request) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    const { id } = await requireAccount(context, request.params.id);
    return await passkeysOf(context, id);
  });
};
