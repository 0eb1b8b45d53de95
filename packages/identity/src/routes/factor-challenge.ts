import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import { insertChallenge } from "../factor/factor-store.ts";
import { authenticate } from "../request/authenticate.ts";
import { type IdParams, idParams } from "../request/body-schema.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const challengeSeconds = 300;
const millisecondsPerSecond = 1000;

/** POST /factors/:id/challenge → 200 {id, type, expires_at}. Not bound to an address: people and proxies move. */
export const factorChallenge: AddRoute = (app, context) => {
  app.post<{ Params: IdParams }>("/factors/:id/challenge", { schema: { params: idParams } }, async (request) => {
    const { account } = await authenticate(context, callerOf(request), request.headers.authorization);
    const factor = account.factors.find(({ id }) => id === request.params.id);
    if (factor === undefined) throw new IdentityError("mfa_factor_not_found");
    const now = context.now();
    const expiresAt = now + challengeSeconds * millisecondsPerSecond;
    const id = randomUUID();
    await insertChallenge(context.database, { id, factorId: factor.id, expiresAt }, now);
    return { id, type: "totp", expires_at: Math.floor(expiresAt / millisecondsPerSecond) };
  });
};
