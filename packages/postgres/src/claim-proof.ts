// Signs the claims of one request for one database connection, so that the database believes them and nothing else
// (migrations/0002_claims.sql verifies).
import { createHmac, randomBytes } from "node:crypto";

/** A key both sides know. Its id travels in the proof, so that keys can be replaced while both are valid. */
export interface ClaimKey {
  readonly id: string;
  /** At least 32 characters of random text. */
  readonly key: string;
}

/** What one proof is good for. */
export interface ProofScope {
  /** The server process of the connection. */
  readonly backendPid: number;
  /** The role the claims are for. */
  readonly role: "anon" | "authenticated";
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const NONCE_BYTES = 9;

/** The text of `holdfast.proof`. */
export function claimProof(claimKey: ClaimKey, claims: string, scope: ProofScope): string {
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  const prefix = `${claimKey.id}.${scope.backendPid}.${scope.expiresAt}.${nonce}.${scope.role}`;
  return `${prefix}.${createHmac("sha256", claimKey.key).update(`${prefix}|${claims}`).digest("hex")}`;
}
