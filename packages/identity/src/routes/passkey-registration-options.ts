import { beginRegistration } from "../passkey/register-passkey.ts";
import { authenticate } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

/** POST /passkeys/registration/options → 200 {challenge_id, options, expires_at}: what `navigator.credentials.create()` gets. */
export const passkeyRegistrationOptions: AddRoute = (app, context) => {
  app.post("/passkeys/registration/options", { onRequest: passkeyGate(context) }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    return await beginRegistration(context, caller, who);
  });
};
