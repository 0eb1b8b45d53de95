import { removePasskeyOf } from "../passkey/manage-passkeys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

interface Params {
  readonly id: string;
  readonly passkey: string;
}

const params = {
  type: "object",
  properties: { id: uuidSchema, passkey: uuidSchema },
  required: ["id", "passkey"],
} as const;

/** DELETE /admin/users/:id/passkeys/:passkey → 204. Service key only. */
export const adminPasskeyDelete: AddRoute = (app, context) => {
  const options = { schema: { params }, onRequest: passkeyGate(context) };
  app.delete<{ Params: Params }>("/admin/users/:id/passkeys/:passkey", options, async (request, reply) => {
    const caller = callerOf(request);
    const actor = await requireServiceKey(context, caller, request.headers.authorization);
    await removePasskeyOf(context, caller, actor, request.params.id, request.params.passkey);
    return reply.code(204).send();
  });
};
