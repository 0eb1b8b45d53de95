import { finishAuthentication } from "../passkey/sign-in-with-passkey.ts";
import { uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import { type AssertionResponse, assertionSchema } from "../webauthn/response.ts";
import { passkeyGate } from "./passkey-gate.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly challenge_id: string;
  readonly credential: AssertionResponse;
}

const body = {
  type: "object",
  properties: { challenge_id: uuidSchema, credential: assertionSchema },
  required: ["challenge_id", "credential"],
} as const;

/** POST /passkeys/authentication/verify {challenge_id, credential} → 200 session at aal2. */
export const passkeyAuthenticationVerify: AddRoute = (app, context) => {
  const options = { schema: { body }, onRequest: passkeyGate(context) };
  app.post<{ Body: Body }>("/passkeys/authentication/verify", options, async (request, reply) => {
    const { challenge_id: challengeId, credential } = request.body;
    const answer = await finishAuthentication(context, callerOf(request), { challengeId, credential });
    return sendSession(request, reply, answer);
  });
};
