import { beginAuthentication } from "../passkey/sign-in-with-passkey.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

/** POST /passkeys/authentication/options → 200 {challenge_id, options, expires_at}: what `navigator.credentials.get()` gets. */
export const passkeyAuthenticationOptions: AddRoute = (app, context) => {
  app.post("/passkeys/authentication/options", { onRequest: passkeyGate(context) }, (request) =>
    beginAuthentication(context, callerOf(request)),
  );
};
