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

/** GET /.well-known/oauth-authorization-server → 200 (RFC 8414). */
export const oauthServerMetadata = metadataAt("/.well-known/oauth-authorization-server");
