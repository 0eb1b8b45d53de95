// What an account carries besides its address: metadata of the person (their own to write) and of the application (never).
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";

export type Metadata = Readonly<Record<string, unknown>>;

const userMetadataBytesMax = 8192;
/** Application metadata is part of every access token, and a token must fit into a cookie of 4096 bytes. */
const appMetadataBytesMax = 1536;

/** The stored metadata with the given keys replaced; null takes a key away, as in Supabase Auth. */
function merged(stored: Metadata, given: Metadata): Metadata {
  return Object.fromEntries(Object.entries({ ...stored, ...given }).filter(([, value]) => value !== null));
}

function withinLimit(metadata: Metadata, bytesMax: number, name: string): Metadata {
  if (Buffer.byteLength(JSON.stringify(metadata)) > bytesMax) {
    throw new IdentityError("validation_failed", { message: `${name} must not be larger than ${bytesMax} bytes` });
  }
  return metadata;
}

/** @throws IdentityError validation_failed */
export const mergeUserMetadata = (stored: Metadata, given: Metadata): Metadata =>
  withinLimit(merged(stored, given), userMetadataBytesMax, "user_metadata");

/**
 * Roles must be the policy's; provider and providers are ours and cannot be given.
 * @throws IdentityError validation_failed
 */
export function mergeAppMetadata(
  context: IdentityContext,
  stored: Metadata,
  given: Metadata,
): Metadata & { readonly roles: readonly string[] } {
  const { provider: _provider, providers: _providers, ...wanted } = given;
  const { provider: _p, providers: _ps, ...kept } = stored;
  const next = merged(kept, wanted);
  const roles = readRoles(context, next.roles ?? []);
  withinLimit({ ...next, roles }, appMetadataBytesMax, "app_metadata");
  return { ...next, roles };
}

function readRoles(context: IdentityContext, roles: unknown): readonly string[] {
  const known = context.policy.roles;
  const isKnown = (role: unknown): role is string => typeof role === "string" && Object.hasOwn(known, role);
  if (!Array.isArray(roles) || !roles.every(isKnown)) {
    throw new IdentityError("validation_failed", {
      message: `app_metadata.roles must be a list of roles of the policy: ${Object.keys(known).join(", ")}`,
    });
  }
  return [...new Set(roles)].sort();
}
