import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import { findFactor, insertChallenge } from "../factor/factor-store.ts";
import { challengeKey } from "../factor/verify-webauthn.ts";
import { challengePhone } from "../phone/phone-factor.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import { isOffered } from "../session/assurance.ts";
import type { AddRoute } from "./route.ts";

const challengeSeconds = 300;
const millisecondsPerSecond = 1000;

const notChallenged = () =>
  new IdentityError("validation_failed", { message: "Recovery codes are verified at /factors/recovery-codes/verify" });

/** POST /factors/:id/challenge → 200 {id, type, expires_at, webauthn?: {type, credential_options}}. Not bound to an address: people and proxies move. */
export const factorChallenge: AddRoute = (app, context) => {
  app.post<{ Params: IdParams }>("/factors/:id/challenge", { schema: { params: idParams } }, async (request) => {
    const caller = callerOf(request);
    const who = await authenticate(context, caller, request.headers.authorization);
    const now = context.now();
    const factor = findFactor(who.account, request.params.id, now);
    if (factor === null) throw new IdentityError("mfa_factor_not_found");
    if (factor.type === "webauthn") return await challengeKey(context, who, factor);
    if (factor.type === "phone") return await challengePhone(context, caller, who, factor);
    if (factor.type !== "totp") throw notChallenged();
    if (!isOffered(context.policy, "totp")) throw new IdentityError("mfa_totp_verify_not_enabled");
    const expiresAt = now + challengeSeconds * millisecondsPerSecond;
    const id = randomUUID();
    await insertChallenge(context.database, { id, factorId: factor.id, expiresAt }, now);
    return { id, type: "totp", expires_at: Math.floor(expiresAt / millisecondsPerSecond) };
  });
};
