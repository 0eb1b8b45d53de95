// The key of one backup, or of one stretch of the log. It is never written anywhere; what is stored is what the keyring made of it.
import { randomBytes } from "node:crypto";

const KEY_BYTES = 32;

/** A fresh AES-256 key. */
export const freshDataKey = (): Buffer => randomBytes(KEY_BYTES);
