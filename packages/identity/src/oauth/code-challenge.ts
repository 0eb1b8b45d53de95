// PKCE with S256, the one method there is (RFC 7636 §4.6, RFC 9700 §2.1.1).
import { createHash, timingSafeEqual } from "node:crypto";

/** What S256 makes: the base64url of a SHA-256 hash (§4.2). */
export const challengePattern = /^[A-Za-z0-9_-]{43}$/;
const verifierPattern = /^[A-Za-z0-9._~-]{43,128}$/;

export function isVerifierOf(challenge: string, verifier: string | undefined): boolean {
  if (verifier === undefined || !verifierPattern.test(verifier)) return false;
  const computed = Buffer.from(createHash("sha256").update(verifier).digest("base64url"));
  const expected = Buffer.from(challenge);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}
