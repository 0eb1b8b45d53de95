import type { IdentityContext } from "../identity-context.ts";
import { listServiceKeys } from "../key/key-store.ts";
import { viewKeys } from "../key/keys.ts";
import { requireServiceKey } from "../request/authenticate.ts";
import { callerOf } from "../request/caller.ts";
import type { AddRoute } from "./route.ts";

const time = (milliseconds: number | null): string | null =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

/** Every signing key with what hangs on it, and every service key that could be used; never a key itself. */
export async function keysJson(context: IdentityContext): Promise<Record<string, unknown>> {
  const signingKeys = await viewKeys(context);
  const serviceKeys = await listServiceKeys(context.database, context.now());
  return {
    signing_keys: signingKeys.map((key) => ({
      kid: key.publicKey.kid,
      state: key.state,
      made_at: time(key.madeAt),
      retired_at: time(key.retiredAt),
      revoked_at: time(key.revokedAt),
      sessions: key.sessions,
      service_keys: key.serviceKeys,
    })),
    service_keys: serviceKeys.map((key) => ({
      id: key.id,
      kid: key.kid,
      label: key.label,
      made_at: time(key.madeAt),
      expires_at: time(key.expiresAt),
    })),
  };
}

/** GET /admin/keys → 200 {signing_keys, service_keys}. Service key only. An extension. */
export const adminKeyList: AddRoute = (app, context) => {
  app.get("/admin/keys", async (request) => {
    await requireServiceKey(context, callerOf(request), request.headers.authorization);
    return await keysJson(context);
  });
};
