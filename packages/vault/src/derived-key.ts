// Keys derived from the root key, and what the first vaults sealed under one of them: read once, and sealed anew by the keyring.
import { createDecipheriv, hkdfSync } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A key for one purpose, derived from the root key (RFC 5869), so that no key is used for two things. */
export const derivedKey = (rootKey: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", rootKey, new Uint8Array(), `holdfast vault ${purpose}`, KEY_BYTES));

/** A value of format 1: the plain value, or undefined when anything is not as it was sealed: key, name, or a single bit. */
export function unsealFirstFormat(key: Uint8Array, name: string, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(name, "utf8"));
  decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // The tag does not fit. OpenSSL says no more, and nobody should be told more.
  }
}
