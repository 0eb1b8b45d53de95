// Pages of public clients on other origins (OAuth 2.1 §3.2, RFC 9700 §4.17): what a browser may read there of the authorization server.
// Nothing else of identity, only for the exact origins of registered redirect URIs, and never with credentials of the browser's own.
import type { FastifyInstance, FastifyReply } from "fastify";
import type { IdentityContext } from "../identity-context.ts";
import { type Caller, callerOf, emitEvent } from "../request/caller.ts";
import { publicRedirectUris } from "./client-store.ts";
import type { OAuthClient } from "./oauth-client.ts";
import { oauthError } from "./oauth-error.ts";

/** What a page of a client needs, each with its method. The gateway lets these through by the same list (`crossOriginPaths`). */
const readable: Readonly<Record<string, "GET" | "POST">> = {
  "/.well-known/openid-configuration": "GET",
  "/.well-known/oauth-authorization-server": "GET",
  "/.well-known/oauth-authorization-server/auth/v1": "GET",
  "/.well-known/jwks.json": "GET",
  "/oauth/token": "POST",
  "/oauth/userinfo": "GET",
};
const originCharactersMax = 255;
const preflightSeconds = 600;
const noContent = 204;
const forbidden = 403;

/** The origin of a page that may receive this redirect; null for an application's own scheme. */
function originOf(uri: string): string | null {
  const url = URL.parse(uri);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : null;
}

export const originsOf = (redirectUris: readonly string[]): readonly string[] => [
  ...new Set(redirectUris.map(originOf).filter((origin) => origin !== null)),
];

/** A serialised origin and nothing else; `null` is the origin of anybody. */
const isOrigin = (text: unknown): text is string =>
  typeof text === "string" && text.length <= originCharactersMax && URL.parse(text)?.origin === text && text !== "null";

async function mayRead(context: IdentityContext, origin: string): Promise<boolean> {
  if (!context.policy.identity.oauthServer.on || origin === context.policy.application.origin) return false;
  const registered = originsOf(await publicRedirectUris(context.database, origin));
  return context.rules.isClientOrigin(origin, registered);
}

/** Answers preflights, and marks answers that a client's page may read. */
export function allowCrossOrigin(app: FastifyInstance, context: IdentityContext): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!Object.hasOwn(readable, request.routeOptions.url ?? "")) return;
    // The answer to one origin must not be kept for another.
    reply.header("vary", "origin");
    const { origin } = request.headers;
    if (isOrigin(origin) && (await mayRead(context, origin))) reply.header("access-control-allow-origin", origin);
  });
  for (const [path, method] of Object.entries(readable)) {
    app.options(path, async (request, reply) => {
      if (reply.hasHeader("access-control-allow-origin")) return preflight(reply, method);
      emitEvent(context, callerOf(request), "grant.refused", { reason: "origin-unknown" });
      return reply.code(forbidden).send();
    });
  }
}

const preflight = (reply: FastifyReply, method: string): FastifyReply =>
  reply
    .headers({
      "access-control-allow-methods": method,
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": String(preflightSeconds),
    })
    .code(noContent)
    .send();

/** A browser tells which page asks: it must be one of this very client. Programs tell nothing. @throws IdentityError unauthorized_client */
export function requireClientOrigin(
  context: IdentityContext,
  caller: Caller,
  origin: string | undefined,
  client: OAuthClient | null,
): void {
  if (origin === undefined || origin === context.policy.application.origin) return;
  const registered = client?.type === "public" ? originsOf(client.redirectUris) : [];
  if (isOrigin(origin) && context.rules.isClientOrigin(origin, registered)) return;
  const detail = client === null ? {} : { detail: { client: client.id } };
  emitEvent(context, caller, "grant.refused", { reason: "origin-unknown", ...detail });
  throw oauthError("unauthorized_client", "The client has no pages on this origin");
}
