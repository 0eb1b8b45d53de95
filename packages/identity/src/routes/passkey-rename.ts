import { renameOwnPasskey } from "../passkey/manage-passkeys.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly friendly_name: string;
}

const nameCharactersMax = 120;

const body = {
  type: "object",
  properties: { friendly_name: { type: "string", minLength: 1, maxLength: nameCharactersMax } },
  required: ["friendly_name"],
} as const;

/** PATCH /passkeys/:id {friendly_name} → 200 passkey. */
export const passkeyRename: AddRoute = (app, context) => {
  const options = { schema: { body, params: idParams }, onRequest: passkeyGate(context) };
  app.patch<{ Params: IdParams; Body: Body }>("/passkeys/:id", options, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const { friendly_name: friendlyName } = request.body;
    return await renameOwnPasskey(context, caller, who, { id: request.params.id, friendlyName });
  });
};
