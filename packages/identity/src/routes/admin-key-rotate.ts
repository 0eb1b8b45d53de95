import { rotateKeys } from "../key/keys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { keysJson } from "./admin-key-list.ts";
import type { AddRoute } from "./route.ts";

/** POST /admin/keys → 200, as GET: another key signs from now on; tokens of the one before are believed while they live. */
export const adminKeyRotate: AddRoute = (app, context) => {
  app.post("/admin/keys", async (request) => {
    const caller = callerOf(request);
    await requireServiceKey(context, caller, request.headers.authorization);
    await rotateKeys(context, caller);
    return await keysJson(context);
  });
};
