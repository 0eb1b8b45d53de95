import type { AddRoute } from "./route.ts";

/** Ten minutes, the time for which auth-js keeps keys. */
const cacheControl = "public, max-age=600";

/** GET /.well-known/jwks.json → 200 {keys}: public keys only (RFC 7517). */
export const jwks: AddRoute = (app, { keys }) => {
  app.get("/.well-known/jwks.json", (_request, reply) => {
    reply.header("cache-control", cacheControl);
    return keys.published();
  });
};
