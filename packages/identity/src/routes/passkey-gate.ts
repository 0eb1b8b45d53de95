// Every path of passkeys while the policy has them off: 404, whoever asks and whatever they send, as Supabase Auth answers.
import type { onRequestAsyncHookHandler } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { callerOf, emitEvent } from "../request/caller.ts";

export function passkeyGate(context: IdentityContext): onRequestAsyncHookHandler {
  return async (request) => {
    if (context.policy.identity.passkeys) return;
    emitEvent(context, callerOf(request), "passkey.refused", { reason: "passkeys-off" });
    throw new IdentityError("passkey_disabled");
  };
}
