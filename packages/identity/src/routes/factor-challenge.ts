import { IdentityError } from "../error/identity-error.ts";
import { findFactor } from "../factor/factor-store.ts";
import { factorKind } from "../factor-kinds.ts";
import { authenticate, refusedForeign } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const notChallenged = () =>
  new IdentityError("validation_failed", { message: "Recovery codes are verified at /factors/recovery-codes/verify" });

/** POST /factors/:id/challenge → 200 {id, type, expires_at, webauthn?: {type, credential_options}}. Not bound to an address: people and proxies move. */
export const factorChallenge: AddRoute = (app, context) => {
  app.post<{ Params: IdParams }>("/factors/:id/challenge", { schema: { params: idParams } }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const factor = findFactor(who.account, request.params.id, context.now());
    if (factor === null) throw refusedForeign(context, caller, who, new IdentityError("mfa_factor_not_found"));
    const kind = factorKind(factor.type);
    if (kind === undefined) throw notChallenged();
    return await kind.challenge(context, caller, who, factor);
  });
};
