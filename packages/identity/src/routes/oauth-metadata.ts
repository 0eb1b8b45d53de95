import { requireOAuthServer } from "../oauth/oauth-error.ts";
import { serverMetadata } from "../oauth/server-metadata.ts";
import type { AddRoute } from "./route.ts";

const cacheControl = "public, max-age=600";

const metadataAt =
  (path: string): AddRoute =>
  (app, context) => {
    app.get(path, async (_request, reply) => {
      requireOAuthServer(context.policy.identity.oauthServer.on);
      return reply.header("cache-control", cacheControl).send(serverMetadata(context));
    });
  };

/** GET /.well-known/openid-configuration → 200 (OpenID Connect Discovery). */
export const openidConfiguration = metadataAt("/.well-known/openid-configuration");

/** The same where RFC 8414 §3.1 puts it for an issuer with a path: between the host and that path. */
export const oauthServerMetadataOfPath = metadataAt("/.well-known/oauth-authorization-server/auth/v1");

/** GET /.well-known/oauth-authorization-server → 200, below the issuer as OpenID Connect does it. */
export const oauthServerMetadata = metadataAt("/.well-known/oauth-authorization-server");
