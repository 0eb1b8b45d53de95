// ID tokens tell a client who signed in (OpenID Connect Core §2). Their audience is the client and their type is their own, so
// that none is ever taken for an access token (RFC 8725 §3.11).
import { createHash } from "node:crypto";
import type { Account } from "../account/account.ts";
import type { IdentityContext } from "../identity-context.ts";
import { signJwt } from "../token/access-token.ts";

export const idTokenType = "id_token+jwt";

const idTokenSeconds = 300;
const millisecondsPerSecond = 1000;

/** The claims that the granted scope opens (OpenID Connect Core §5.4). */
export function personClaims(account: Account, scope: string): Record<string, unknown> {
  const granted = scope.split(" ");
  const { name, picture } = account.userMetadata;
  const isText = (value: unknown): value is string => typeof value === "string";
  const hasEmail = granted.includes("email") && account.email !== "";
  return {
    sub: account.id,
    ...(hasEmail ? { email: account.email, email_verified: account.emailConfirmedAt !== null } : {}),
    ...(granted.includes("profile") && isText(name) ? { name } : {}),
    ...(granted.includes("profile") && isText(picture) ? { picture } : {}),
    ...(granted.includes("profile") ? { updated_at: Math.floor(account.updatedAt / millisecondsPerSecond) } : {}),
  };
}

export interface IdTokenFacts {
  readonly clientId: string;
  readonly scope: string;
  readonly nonce: string | null;
  readonly accessToken: string;
}

export async function signIdToken(context: IdentityContext, account: Account, facts: IdTokenFacts): Promise<string> {
  const now = Math.floor(context.now() / millisecondsPerSecond);
  // The left half of the hash of the algorithm (§3.1.3.6).
  const digest = createHash("sha256").update(facts.accessToken).digest();
  const claims = {
    ...personClaims(account, facts.scope),
    at_hash: digest.subarray(0, digest.length / 2).toString("base64url"),
    auth_time: now,
    ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
  };
  return await signJwt(context, claims, {
    audience: facts.clientId,
    type: idTokenType,
    expiresAt: now + idTokenSeconds,
  });
}
