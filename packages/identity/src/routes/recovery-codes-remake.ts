import { remakeRecoveryCodes } from "../factor/recovery-codes.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** POST /factors/recovery-codes/regenerate → 200 {id, type, friendly_name, total, codes}; every earlier code is worth nothing. */
export const recoveryCodesRemake: AddRoute = (app, context) => {
  app.post("/factors/recovery-codes/regenerate", async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return await remakeRecoveryCodes(context, caller, who);
  });
};
