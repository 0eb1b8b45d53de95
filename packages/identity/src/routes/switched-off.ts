// What Supabase Auth has and this service has not. Each path answers exactly as Supabase Auth does when the feature is off, so
// that a client can tell "off" from a server that it does not know. The body is not even read.
import type { FastifyInstance } from "fastify";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf, emitEvent } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

interface Absence {
  /** Whether only the service key is told. */
  readonly isForService: boolean;
  readonly refusal: () => IdentityError;
}

const saml: Absence = { isForService: false, refusal: () => new IdentityError("saml_provider_disabled") };
const samlProviders: Absence = { ...saml, isForService: true };
const scim: Absence = {
  isForService: false,
  refusal: () => new IdentityError("feature_disabled", { message: "SCIM server is disabled" }),
};
/** Providers are the policy's: nobody adds one while the service runs. */
const customProviders: Absence = {
  isForService: true,
  refusal: () => new IdentityError("feature_disabled", { message: "Custom OAuth providers are disabled" }),
};

const absences: Readonly<Record<string, Absence>> = {
  "POST /sso": saml,
  "GET /sso/saml/metadata": saml,
  "POST /sso/saml/acs": saml,
  "GET /admin/sso/providers": samlProviders,
  "POST /admin/sso/providers": samlProviders,
  "GET /admin/sso/providers/:id": samlProviders,
  "PUT /admin/sso/providers/:id": samlProviders,
  "DELETE /admin/sso/providers/:id": samlProviders,
  "GET /admin/custom-providers": customProviders,
  "POST /admin/custom-providers": customProviders,
  "GET /admin/custom-providers/:id": customProviders,
  "PUT /admin/custom-providers/:id": customProviders,
  "DELETE /admin/custom-providers/:id": customProviders,
  "GET /scim/v2/ServiceProviderConfig": scim,
  "GET /scim/v2/ResourceTypes": scim,
  "GET /scim/v2/Schemas": scim,
};

function addAbsence(app: FastifyInstance, context: IdentityContext, route: string, absence: Absence): void {
  const [method = "", url = ""] = route.split(" ");
  const refuse = async (): Promise<never> => {
    throw absence.refusal();
  };
  app.route({
    method,
    url,
    onRequest: async (request) => {
      const caller = callerOf(request);
      if (absence.isForService) await requireServiceKey(context, caller, request.headers.authorization);
      const refusal = absence.refusal();
      emitEvent(context, caller, absence.isForService ? "admin.refused" : "signin.failed", { reason: refusal.code });
      throw refusal;
    },
    handler: refuse,
  });
}

/** The paths of features that are off for good. */
export const switchedOff: Readonly<Record<string, AddRoute>> = Object.fromEntries(
  Object.entries(absences).map(([route, absence]): [string, AddRoute] => [
    route,
    (app, context) => addAbsence(app, context, route, absence),
  ]),
);
