import { IdentityError } from "../error/identity-error.ts";
import { countRegistration } from "../limit/attempts.ts";
import { createClient } from "../oauth/administer-client.ts";
import { type ClientBody, clientBody, readClientWish } from "../oauth/client-input.ts";
import { clientJson } from "../oauth/oauth-client.ts";
import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const created = 201;

/** POST /oauth/clients/register (RFC 7591) → 201 client with its secret; 403 unless the policy lets clients register themselves. */
export const oauthRegister: AddRoute = (app, context) => {
  app.post<{ Body: ClientBody }>(
    "/oauth/clients/register",
    { schema: { body: clientBody } },
    async (request, reply) => {
      const { on, registration } = context.policy.identity.oauthServer;
      requireOAuthServer(on);
      const caller = callerOf(request);
      if (!registration) {
        emitEvent(context, caller, "grant.refused", { reason: "registration-closed" });
        throw new IdentityError("oauth_dynamic_client_registration_disabled");
      }
      await countRegistration(context, caller);
      const { client, secret } = await createClient(context, caller, readClientWish(request.body), "dynamic");
      return reply.code(created).send(clientJson(client, secret));
    },
  );
};
