// Signs the claims of one request for one database connection, so that the database believes them and nothing else
// (migrations/0002_claims.sql and 0003_ended_sessions.sql verify).
import { createHash, createHmac } from "node:crypto";

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
  /** The account's UUID, or "" when the claims name none. */
  readonly subject: string;
  /** The session's UUID, or "" when the claims name none. */
  readonly session: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const SECOND_MS = 1_000;
const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** The text of `holdfast.proof`. */
export function claimProof(claimKey: ClaimKey, claims: string, scope: ProofScope): string {
  const own = `${claimKey.id}.${Math.floor(scope.expiresAt / SECOND_MS)}.${scope.subject}.${scope.session}`;
  const text = `${scope.backendPid}|${scope.role}|${own}|${claims}`;
  return `${own}|${createHmac("sha256", claimKey.key).update(text).digest("hex")}`;
}

/** The two padded keys of HMAC-SHA256 (RFC 2104 §2), which is what the database keeps of a key. */
export function paddedKeys(claimKey: ClaimKey): { readonly inner: Buffer; readonly outer: Buffer } {
  const bytes = Buffer.from(claimKey.key, "utf8");
  const short = bytes.length > BLOCK_BYTES ? createHash("sha256").update(bytes).digest() : bytes;
  const pad = (value: number): Buffer =>
    Buffer.alloc(BLOCK_BYTES, value).map((byte, index) => byte ^ (short[index] ?? 0)) as Buffer;
  return { inner: pad(INNER_PAD), outer: pad(OUTER_PAD) };
}
