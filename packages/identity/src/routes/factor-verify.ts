import { IdentityError } from "../error/identity-error.ts";
import { verifyFactor } from "../factor/verify-factor.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams, textSchema, uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { sendSession } from "../session/session-cookies.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly challenge_id: string;
  readonly code: string;
}

const body = {
  type: "object",
  properties: { challenge_id: uuidSchema, code: textSchema },
  required: ["challenge_id", "code"],
} as const;

/** POST /factors/:id/verify {challenge_id, code} → 200 session at aal2. */
export const factorVerify: AddRoute = (app, context) => {
  const schema = { body, params: idParams };
  app.post<{ Params: IdParams; Body: Body }>("/factors/:id/verify", { schema }, async (request, reply) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const factor = who.account.factors.find(({ id }) => id === request.params.id);
    if (factor === undefined) throw new IdentityError("mfa_factor_not_found");
    const { challenge_id: challengeId, code } = request.body;
    return sendSession(request, reply, await verifyFactor(context, caller, who, { factor, challengeId, code }));
  });
};
