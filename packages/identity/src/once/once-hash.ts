import { createHmac } from "node:crypto";

/** What is stored of something that is used once. No two lists of parts have the same hash: each is preceded by its length. */
export function onceHash(key: Uint8Array, parts: readonly string[]): Buffer {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(`${Buffer.byteLength(part)}:${part}`);
  return hmac.digest();
}
