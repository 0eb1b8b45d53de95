// Finds rows by a sealed value without opening it: HMAC-SHA-256 (RFC 2104) under a key that seals nothing, truncated. It
// shows which rows hold equal values, and how often; never order, range or a part of the value.
import { createHmac, type KeyObject } from "node:crypto";
import { contextBytes, type SealContext } from "./context.ts";

/** Different values meet by chance once in 2^64 pairs; whoever reads the row compares the opened value. */
export const BLIND_INDEX_BYTES = 8;

/** Equal texts in the same context have equal indexes. Texts that differ only in how Unicode writes them (NFC) are equal. */
export function blindIndex(key: KeyObject, context: SealContext, text: string): Buffer {
  const mac = createHmac("sha256", key).update(contextBytes({ ...context, value: text.normalize("NFC") }));
  return mac.digest().subarray(0, BLIND_INDEX_BYTES);
}
