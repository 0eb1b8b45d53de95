import { recoveryCodesStatus } from "../factor/recovery-codes.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /factors/recovery-codes → 200 {id, type, total, remaining}. */
export const recoveryCodesGet: AddRoute = (app, context) => {
  app.get("/factors/recovery-codes", async (request) => {
    const who = await authenticate(context, callerOf(request), request.headers.authorization);
    return await recoveryCodesStatus(context, who);
  });
};
