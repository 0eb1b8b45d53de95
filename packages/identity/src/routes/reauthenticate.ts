import { sendNonce } from "../account/fresh-proof.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

/** GET /reauthenticate → 200 {}: sends a code to the account's address or number, for `nonce` of PUT /user. */
export const reauthenticate: AddRoute = (app, context) => {
  app.get("/reauthenticate", async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    await sendNonce(context, caller, who);
    return {};
  });
};
