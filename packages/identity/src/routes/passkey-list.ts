import { passkeysOf } from "../passkey/manage-passkeys.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

/** GET /passkeys → 200 [{id, friendly_name, created_at, last_used_at}], the person's own, oldest first. */
export const passkeyList: AddRoute = (app, context) => {
  app.get("/passkeys", { onRequest: passkeyGate(context) }, async (request) => {
    const { account } = await authenticate(context, callerOf(request), request.headers.authorization);
    return await passkeysOf(context, account.id);
  });
};
