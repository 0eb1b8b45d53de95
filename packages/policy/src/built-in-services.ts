// Holdfast's own services as part of every policy, so that the gateway, the documents and the checks treat their routes
// like any other.
import { peopleRoutes } from "./built-in-people.ts";
import { routeOf } from "./built-in-route.ts";
import type { Condition } from "./condition.ts";
import type { Limit, RoutePolicy, ServicePolicy } from "./policy.ts";

const perMinute = (requests: number): Limit => ({ requests, windowSeconds: 60 });

/** Guessing a password or a code costs a request each: few. */
const guessLimit = perMinute(30);
const readLimit = perMinute(300);
const writeLimit = perMinute(60);
/** People are brought along, and taken away, by the hundred. */
const bulkLimit = perMinute(300);
/** Browsers send reports on their own, in bursts; nobody else needs this route. */
const reportLimit = perMinute(60);

const evidenceBytesMax = 4_194_304;
const identityTimeoutSeconds = 10;
const platformTimeoutSeconds = 30;
const noteLengthMax = 2_000;

const anyone: Condition = { kind: "anyone" };
const signedIn: Condition = { kind: "signedIn" };
const service: Condition = { kind: "service" };

const open = { open: true } as const;

/** Where a provider's form arrives (OAuth 2.0 Form Post Response Mode): from another site, and without a cookie of ours. */
export const providerCallbackPath = "/auth/v1/callback";
/** Takes the form on the page behind a mailed link. */
export const linkFormPath = "/auth/v1/verify/confirm";
/** Where OAuth clients, which are no browsers, send forms with their own credentials (RFC 6749 §3.2). */
export const oauthTokenPath = "/auth/v1/oauth/token";
/** Where a client's own token counts. Everywhere else it is no token at all. */
export const oauthUserinfoPath = "/auth/v1/oauth/userinfo";

/** RFC 8414 §3.1: for the issuer `<origin>/auth/v1`. */
const metadataPath = "/.well-known/oauth-authorization-server/auth/v1";
/** What pages of OAuth clients on other origins may read; identity says of which origins. */
export const crossOriginPaths: readonly string[] = [
  metadataPath,
  "/auth/v1/.well-known/openid-configuration",
  "/auth/v1/.well-known/oauth-authorization-server",
  "/auth/v1/.well-known/jwks.json",
  oauthTokenPath,
  oauthUserinfoPath,
];

/** Supabase Auth's paths. Most are open to anyone because identity itself decides by password, code or refresh token. */
function identityRoutes(): readonly (readonly [string, RoutePolicy])[] {
  return [
    routeOf("POST /auth/v1/signup", anyone, guessLimit, open),
    routeOf("POST /auth/v1/token", anyone, guessLimit, open),
    // Open, so that a browser whose access token has run out can still give up its cookies.
    routeOf("POST /auth/v1/otp", anyone, guessLimit, open),
    routeOf("POST /auth/v1/magiclink", anyone, guessLimit, open),
    routeOf("POST /auth/v1/recover", anyone, guessLimit, open),
    routeOf("POST /auth/v1/resend", anyone, guessLimit, open),
    routeOf("POST /auth/v1/verify", anyone, guessLimit, open),
    // What a mailed link opens: a page that changes nothing, and the form on it.
    routeOf("GET /auth/v1/verify", anyone, guessLimit),
    routeOf(`POST ${linkFormPath}`, anyone, guessLimit, open),
    routeOf("POST /auth/v1/logout", anyone, writeLimit, open),
    routeOf("GET /auth/v1/.well-known/jwks.json", anyone, readLimit),
    routeOf("GET /auth/v1/health", anyone, readLimit),
    routeOf("GET /auth/v1/settings", anyone, readLimit),
    routeOf("GET /auth/v1/user", signedIn, readLimit),
    routeOf("PUT /auth/v1/user", signedIn, guessLimit, open),
    routeOf("DELETE /auth/v1/user", signedIn, guessLimit),
    routeOf("GET /auth/v1/reauthenticate", signedIn, guessLimit),
    routeOf("GET /auth/v1/user/sessions", signedIn, readLimit),
    routeOf("DELETE /auth/v1/user/sessions/:id", signedIn, writeLimit),
    routeOf("POST /auth/v1/factors", signedIn, guessLimit, open),
    routeOf("DELETE /auth/v1/factors/:id", signedIn, guessLimit),
    routeOf("POST /auth/v1/factors/:id/challenge", signedIn, guessLimit, open),
    routeOf("POST /auth/v1/factors/:id/verify", signedIn, guessLimit, open),
    routeOf("GET /auth/v1/factors/recovery-codes", signedIn, readLimit),
    routeOf("POST /auth/v1/factors/recovery-codes", signedIn, guessLimit, open),
    routeOf("POST /auth/v1/factors/recovery-codes/verify", signedIn, guessLimit, open),
    routeOf("POST /auth/v1/factors/recovery-codes/regenerate", signedIn, guessLimit, open),
    routeOf("DELETE /auth/v1/factors/recovery-codes", signedIn, guessLimit),
    routeOf("POST /auth/v1/passkeys/registration/options", signedIn, guessLimit, open),
    routeOf("POST /auth/v1/passkeys/registration/verify", signedIn, guessLimit, open),
    routeOf("POST /auth/v1/passkeys/authentication/options", anyone, guessLimit, open),
    routeOf("POST /auth/v1/passkeys/authentication/verify", anyone, guessLimit, open),
    routeOf("GET /auth/v1/passkeys", signedIn, readLimit),
    routeOf("PATCH /auth/v1/passkeys/:id", signedIn, writeLimit, open),
    routeOf("DELETE /auth/v1/passkeys/:id", signedIn, guessLimit),
    routeOf("GET /auth/v1/admin/keys", service, readLimit),
    routeOf("POST /auth/v1/admin/keys", service, writeLimit, open),
    routeOf("DELETE /auth/v1/admin/keys/:kid", service, writeLimit),
    routeOf("DELETE /auth/v1/admin/service-keys/:id", service, writeLimit),
    routeOf("POST /auth/v1/invite", service, writeLimit, open),
    routeOf("POST /auth/v1/admin/generate_link", service, writeLimit, open),
    // Identity asks for the administrator's role and second factor itself, and for a reason.
    routeOf("POST /auth/v1/impersonations", signedIn, guessLimit, open),
    routeOf("GET /auth/v1/admin/users", service, readLimit),
    routeOf("POST /auth/v1/admin/users", service, bulkLimit, open),
    routeOf("GET /auth/v1/admin/users/:id", service, readLimit),
    routeOf("PUT /auth/v1/admin/users/:id", service, writeLimit, open),
    // auth-js says in the body whether the row is kept.
    routeOf("DELETE /auth/v1/admin/users/:id", service, bulkLimit, open),
    routeOf("GET /auth/v1/admin/users/:id/factors", service, readLimit),
    routeOf("GET /auth/v1/admin/users/:id/passkeys", service, readLimit),
    routeOf("DELETE /auth/v1/admin/users/:id/passkeys/:passkey", service, writeLimit),
    routeOf("DELETE /auth/v1/admin/users/:id/factors/:factor", service, writeLimit),
    ...providerRoutes(),
    ...oauthServerRoutes(),
    ...switchedOffRoutes(),
  ];
}

/** Sign-in by provider; there is nothing short to guess. The browser comes and goes without a session; identity knows it by its cookie. */
function providerRoutes(): readonly (readonly [string, RoutePolicy])[] {
  return [
    routeOf("GET /auth/v1/authorize", anyone, writeLimit),
    routeOf("GET /auth/v1/callback", anyone, writeLimit),
    routeOf(`POST ${providerCallbackPath}`, anyone, writeLimit, open),
    routeOf("GET /auth/v1/user/identities/authorize", signedIn, guessLimit),
    routeOf("DELETE /auth/v1/user/identities/:id", signedIn, writeLimit),
  ];
}

/** The OAuth 2.1 server. Clients authenticate to identity itself. */
function oauthServerRoutes(): readonly (readonly [string, RoutePolicy])[] {
  const clients = "/auth/v1/admin/oauth/clients";
  return [
    routeOf("GET /auth/v1/.well-known/openid-configuration", anyone, readLimit),
    routeOf("GET /auth/v1/.well-known/oauth-authorization-server", anyone, readLimit),
    routeOf(`GET ${metadataPath}`, anyone, readLimit),
    routeOf("GET /auth/v1/oauth/authorize", anyone, writeLimit),
    routeOf("GET /auth/v1/oauth/authorizations/:id", signedIn, writeLimit),
    routeOf("POST /auth/v1/oauth/authorizations/:id/consent", signedIn, writeLimit, open),
    routeOf(`POST ${oauthTokenPath}`, anyone, writeLimit, open),
    routeOf(`GET ${oauthUserinfoPath}`, anyone, readLimit),
    routeOf("POST /auth/v1/oauth/clients/register", anyone, guessLimit, open),
    routeOf("GET /auth/v1/user/oauth/grants", signedIn, readLimit),
    routeOf("DELETE /auth/v1/user/oauth/grants", signedIn, writeLimit),
    routeOf(`GET ${clients}`, service, readLimit),
    routeOf(`POST ${clients}`, service, writeLimit, open),
    routeOf(`GET ${clients}/:id`, service, readLimit),
    routeOf(`PUT ${clients}/:id`, service, writeLimit, open),
    routeOf(`DELETE ${clients}/:id`, service, writeLimit),
    routeOf(`POST ${clients}/:id/regenerate_secret`, service, writeLimit, open),
  ];
}

/** Features of Supabase Auth that are off for good: identity says so itself, in Supabase Auth's own words. */
function switchedOffRoutes(): readonly (readonly [string, RoutePolicy])[] {
  return [
    routeOf("POST /auth/v1/sso", anyone, guessLimit, open),
    routeOf("GET /auth/v1/sso/saml/metadata", anyone, guessLimit),
    routeOf("POST /auth/v1/sso/saml/acs", anyone, guessLimit, open),
    routeOf("GET /auth/v1/scim/v2/ServiceProviderConfig", anyone, guessLimit),
    routeOf("GET /auth/v1/scim/v2/ResourceTypes", anyone, guessLimit),
    routeOf("GET /auth/v1/scim/v2/Schemas", anyone, guessLimit),
    ...["sso/providers", "custom-providers"].flatMap((collection) => [
      routeOf(`GET /auth/v1/admin/${collection}`, service, readLimit),
      routeOf(`POST /auth/v1/admin/${collection}`, service, writeLimit, open),
      routeOf(`GET /auth/v1/admin/${collection}/:id`, service, readLimit),
      routeOf(`PUT /auth/v1/admin/${collection}/:id`, service, writeLimit, open),
      routeOf(`DELETE /auth/v1/admin/${collection}/:id`, service, writeLimit),
    ]),
  ];
}

const noteBody = {
  type: "object",
  properties: { note: { type: "string", minLength: 1, maxLength: noteLengthMax } },
  required: ["note"],
  additionalProperties: false,
} as const;

/** Without a person it is the one who is signed in. */
const acceptBody = {
  type: "object",
  properties: {
    reason: { type: "string", minLength: 1, maxLength: noteLengthMax },
    record: { type: "string", minLength: 1, maxLength: noteLengthMax },
    person: { type: "string", minLength: 1, maxLength: 320 },
  },
  required: ["reason", "record"],
  additionalProperties: false,
} as const;

function platformRoutes(reader: Condition): readonly (readonly [string, RoutePolicy])[] {
  return [
    routeOf("GET /platform/v1/summary", reader, readLimit),
    routeOf("GET /platform/v1/controls", reader, readLimit),
    routeOf("GET /platform/v1/controls/:id", reader, readLimit),
    routeOf("POST /platform/v1/controls/:id/prove", reader, writeLimit),
    routeOf("GET /platform/v1/events", reader, readLimit),
    routeOf("GET /platform/v1/events/stream", reader, readLimit),
    routeOf("GET /platform/v1/events/verify", reader, writeLimit),
    routeOf("GET /platform/v1/alerts", reader, readLimit),
    routeOf("POST /platform/v1/alerts/:id/acknowledge", reader, writeLimit, { body: noteBody }),
    routeOf("GET /platform/v1/incidents", reader, readLimit),
    routeOf("GET /platform/v1/incidents/:id", reader, readLimit),
    routeOf("POST /platform/v1/incidents/:id/acknowledge", reader, writeLimit, { body: noteBody }),
    routeOf("POST /platform/v1/incidents/:id/close", reader, writeLimit, { body: noteBody }),
    routeOf("GET /platform/v1/evidence", reader, readLimit),
    routeOf("POST /platform/v1/evidence", service, readLimit, { open: true, bytesMax: evidenceBytesMax }),
    routeOf("POST /platform/v1/reports/csp", anyone, reportLimit, open),
    // Newest messages of a deployment that sends none.
    routeOf("GET /platform/v1/inbox", reader, readLimit),
    routeOf("GET /platform/v1/keys", reader, readLimit),
    routeOf("GET /platform/v1/data", reader, readLimit),
    routeOf("GET /platform/v1/pools", reader, readLimit),
    routeOf("GET /platform/v1/replicas", reader, readLimit),
    routeOf("GET /platform/v1/performance", reader, readLimit),
    routeOf("GET /platform/v1/backups", reader, readLimit),
    routeOf("POST /platform/v1/backups", reader, writeLimit),
    routeOf("POST /platform/v1/backups/increments", reader, writeLimit),
    routeOf("GET /platform/v1/backups/drills", reader, readLimit),
    routeOf("POST /platform/v1/backups/drills", reader, writeLimit),
    routeOf("GET /platform/v1/audit", reader, readLimit),
    routeOf("GET /platform/v1/audit/verify", reader, writeLimit),
    routeOf("GET /platform/v1/audit/proof", reader, writeLimit),
    routeOf("GET /platform/v1/audit/consistency", reader, writeLimit),
    routeOf("GET /platform/v1/audit/checkpoints", reader, readLimit),
    routeOf("POST /platform/v1/audit/restores", reader, writeLimit, { body: acceptBody }),
    routeOf("GET /metrics", reader, readLimit),
  ];
}

/** Who may read and run the platform: the administrator after a second factor, or the operator's own programs. */
function platformReader(administrator: string): Condition {
  return { kind: "any", of: [administratorCondition(administrator), service] };
}

/** The administrator role, in a session that has passed a second factor. */
export function administratorCondition(administrator: string): Condition {
  return {
    kind: "all",
    of: [
      { kind: "role", role: administrator },
      { kind: "assurance", level: "aal2" },
    ],
  };
}

/** The services `identity` and `platform` of every policy. */
export function builtInServices(administrator: string): Readonly<Record<"identity" | "platform", ServicePolicy>> {
  return {
    identity: {
      kind: "identity",
      timeoutSeconds: identityTimeoutSeconds,
      callers: ["gateway"],
      calls: ["postgres"],
      routes: Object.fromEntries(identityRoutes()),
    },
    platform: {
      kind: "platform",
      timeoutSeconds: platformTimeoutSeconds,
      callers: ["gateway"],
      calls: ["postgres"],
      routes: Object.fromEntries([
        ...platformRoutes(platformReader(administrator)),
        ...peopleRoutes(platformReader(administrator), administratorCondition(administrator)),
      ]),
    },
  };
}
