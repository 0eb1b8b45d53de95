import type { FastifyRequest } from "fastify";
import type { Factor } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import { findFactor } from "../factor/factor-store.ts";
import { verifyFactor } from "../factor/verify-factor.ts";
import { type KeyResponse, verifyKey } from "../factor/verify-webauthn.ts";
import type { IdentityContext } from "../identity-context.ts";
import { verifyPhoneFactor } from "../phone/phone-factor.ts";
import { type Authenticated, authenticate, requireFreshProof } from "../request/authenticate.ts";
import { type IdParams, idParams, textSchema, uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { sendSession } from "../session/session-cookies.ts";
import { assertionSchema, creationSchema } from "../webauthn/response.ts";
import type { AddRoute } from "./route.ts";

interface Body {
  readonly challenge_id: string;
  readonly code?: string;
  readonly webauthn?: {
    readonly type: KeyResponse["type"];
    readonly credential_response: unknown;
  };
}

const webauthn = {
  type: "object",
  properties: { type: { enum: ["create", "request"] } },
  required: ["type", "credential_response"],
  if: { properties: { type: { const: "create" } } },
  // oxlint-disable-next-line unicorn/no-thenable -- a word of JSON Schema
  then: { properties: { credential_response: creationSchema } },
  else: { properties: { credential_response: assertionSchema } },
} as const;

const body = {
  type: "object",
  properties: { challenge_id: uuidSchema, code: textSchema, webauthn },
  required: ["challenge_id"],
} as const;

/** POST /factors/:id/verify {challenge_id, code} or {challenge_id, webauthn: {type, credential_response}} → 200 session at aal2. */
export const factorVerify: AddRoute = (app, context) => {
  const schema = { body, params: idParams };
  app.post<{ Params: IdParams; Body: Body }>("/factors/:id/verify", { schema }, async (request, reply) => {
    const who = await authenticate(context, callerOf(request), request.headers.authorization);
    const factor = findFactor(who.account, request.params.id, context.now());
    if (factor === null) throw new IdentityError("mfa_factor_not_found");
    // The first proof is what makes a factor count: whoever may not begin an enrolment may not finish somebody else's.
    if (factor.status === "unverified") requireFreshProof(context, callerOf(request), who);
    return sendSession(request, reply, await prove(context, request, request.body, who, factor));
  });
};

async function prove(
  context: IdentityContext,
  request: FastifyRequest,
  given: Body,
  who: Authenticated,
  factor: Factor,
): Promise<SessionAnswer> {
  const caller = callerOf(request);
  const { challenge_id: challengeId, code, webauthn: signed } = given;
  if (factor.type === "webauthn") {
    if (signed === undefined) throw new IdentityError("validation_failed", { message: "webauthn is required" });
    // Its schema was chosen by its type.
    const key = { type: signed.type, response: signed.credential_response } as KeyResponse;
    return await verifyKey(context, caller, who, factor, { challengeId, key });
  }
  if (code === undefined) throw new IdentityError("validation_failed", { message: "code is required" });
  if (factor.type === "phone") return await verifyPhoneFactor(context, caller, who, { factor, challengeId, code });
  return await verifyFactor(context, caller, who, { factor, challengeId, code });
}
