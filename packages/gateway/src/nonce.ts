// Nonces of pages: what a content security policy lets run is what this answer, and no other, has named.
import { randomFillSync } from "node:crypto";

/** 128 bits (CSP3 §7.1; ASVS 3.4.3). */
const NONCE_BYTES = 16;
const POOL_BYTES = NONCE_BYTES * 256;
const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;

/** A fresh nonce; random bytes are drawn for 256 of them at a time. */
export function drawNonce(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  const nonce = pool.toString("base64", used, used + NONCE_BYTES);
  // Nothing of the pool is left to read once it has been given away.
  pool.fill(0, used, used + NONCE_BYTES);
  used += NONCE_BYTES;
  return nonce;
}
