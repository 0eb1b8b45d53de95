import { finishRegistration } from "../passkey/register-passkey.ts";
import { authenticate } from "../request/authenticate.ts";
import { uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { type CreationResponse, creationSchema } from "../webauthn/response.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly challenge_id: string;
  readonly credential: CreationResponse;
}

const body = {
  type: "object",
  properties: { challenge_id: uuidSchema, credential: creationSchema },
  required: ["challenge_id", "credential"],
} as const;

/** POST /passkeys/registration/verify {challenge_id, credential} → 200 {id, friendly_name, created_at}. */
export const passkeyRegistrationVerify: AddRoute = (app, context) => {
  const options = { schema: { body }, onRequest: passkeyGate(context) };
  app.post<{ Body: Body }>("/passkeys/registration/verify", options, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const { challenge_id: challengeId, credential } = request.body;
    return await finishRegistration(context, caller, who, { challengeId, credential });
  });
};
