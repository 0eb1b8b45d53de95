import { IdentityError } from "../error/identity-error.ts";
import { findFactor } from "../factor/factor-store.ts";
import type { KeyResponse } from "../factor/verify-webauthn.ts";
import { factorKind } from "../factor-kinds.ts";
import { authenticate, refusedForeign, requireFreshProof } from "../request/authenticate.ts";
import { type IdParams, idParams, textSchema, uuidSchema } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
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
    if (factor === null)
      throw refusedForeign(context, callerOf(request), who, new IdentityError("mfa_factor_not_found"));
    // The first proof is what makes a factor count: whoever may not begin an enrolment may not finish somebody else's.
    if (factor.status === "unverified") requireFreshProof(context, callerOf(request), who);
    const kind = factorKind(factor.type);
    if (kind === undefined) throw new IdentityError("mfa_factor_not_found");
    const { challenge_id: challengeId, code, webauthn: signed } = request.body;
    // Its schema was chosen by its type.
    const key =
      signed === undefined ? undefined : ({ type: signed.type, response: signed.credential_response } as KeyResponse);
    const answer = await kind.prove(context, callerOf(request), who, factor, { challengeId, code, key });
    return sendSession(request, reply, answer);
  });
};
