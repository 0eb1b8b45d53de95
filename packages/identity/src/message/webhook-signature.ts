// Signatures of the Standard Webhooks specification, version 1: HMAC-SHA-256 over id, time and body. What Supabase Auth signs
// its hooks with, so that a receiver written for those works unchanged.
import { createHmac } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";

const prefix = /^(?:v1,)?whsec_/;
const secretPattern = /^(?:v1,)?whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;
const keyBytesMin = 24;
const keyBytesMax = 64;
const keysMax = 3;
const millisecondsPerSecond = 1000;

/**
 * The keys of `v1,whsec_<base64>`, or of several of them with `|` between: while a receiver changes from one to the next it
 * knows either. @throws IdentityError validation_failed; the message holds no secret
 */
export function readWebhookSecrets(text: string): readonly Buffer[] {
  const parts = text.split("|");
  const keys = parts
    .filter((part) => secretPattern.test(part))
    .map((part) => Buffer.from(part.replace(prefix, ""), "base64"));
  const isUsable = keys.every(({ length }) => length >= keyBytesMin && length <= keyBytesMax);
  if (keys.length === parts.length && keys.length <= keysMax && isUsable) return keys;
  throw new IdentityError("validation_failed", {
    message: `The secret of text messages must be v1,whsec_ and the base64 of ${keyBytesMin} to ${keyBytesMax} bytes`,
  });
}

/** The three headers that a receiver verifies. */
export function signWebhook(
  keys: readonly Buffer[],
  { id, at, body }: { readonly id: string; readonly at: number; readonly body: string },
): Readonly<Record<"webhook-id" | "webhook-timestamp" | "webhook-signature", string>> {
  const timestamp = String(Math.floor(at / millisecondsPerSecond));
  const signatures = keys.map(
    (key) => `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
