// One sealed value: AES-256-GCM (NIST SP 800-38D) under a key of its own, derived from the data key and a random salt
// (RFC 5869), so that no data key ever meets a nonce twice. The commitment, derived beside it, makes a value open under one
// key only (GCM alone does not commit, RFC 9771); it is the construction of the AWS Encryption SDK's committing suites.
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto";
import { contextBytes, type SealContext } from "./context.ts";

const VERSION = 1;
/** AES-256-GCM, HKDF-SHA-512, commitment of 256 bits. */
const ALGORITHM = 1;
export const KEY_ID_BYTES = 20;
const SALT_BYTES = 32;
const COMMITMENT_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 2 + KEY_ID_BYTES;
const DERIVED_BYTES = KEY_BYTES + COMMITMENT_BYTES + NONCE_BYTES;
const INFO = Buffer.from("holdfast envelope 1");

/** How much longer a sealed value is than the plain one, in bytes. */
export const ENVELOPE_BYTES = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES + TAG_BYTES;
/** What every sealed value begins with. Text never does: both bytes are control characters. */
export const ENVELOPE_START: readonly [number, number] = [VERSION, ALGORITHM];

/** A key to seal under, with the id that the sealed value names it by. */
export interface EnvelopeKey {
  readonly idBytes: Uint8Array;
  readonly key: KeyObject;
}

/** version, algorithm, key id ‖ salt ‖ commitment ‖ ciphertext ‖ tag. */
export function sealEnvelope({ idBytes, key }: EnvelopeKey, context: SealContext, plain: Uint8Array): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const header = Buffer.concat([Uint8Array.of(VERSION, ALGORITHM), idBytes]);
  const { recordKey, commitment, nonce } = derive(key, salt);
  const cipher = createCipheriv("aes-256-gcm", recordKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  const ciphertext = [cipher.update(plain), cipher.final()];
  return Buffer.concat([header, salt, commitment, ...ciphertext, cipher.getAuthTag()]);
}

/** Whether it looks like a sealed value. Only opening it shows that it is one. */
export const isEnvelope = (bytes: Uint8Array): boolean =>
  bytes.length >= ENVELOPE_BYTES && bytes[0] === VERSION && bytes[1] === ALGORITHM;

/** The id of the key that a sealed value names. */
export const envelopeKeyId = (sealed: Uint8Array): Buffer => Buffer.from(sealed.subarray(2, HEADER_BYTES));

/** The plain value, or undefined when anything is not as it was sealed: key, context, or a single bit. */
export function openEnvelope({ key }: EnvelopeKey, context: SealContext, sealed: Uint8Array): Buffer | undefined {
  if (!isEnvelope(sealed)) return undefined;
  const header = sealed.subarray(0, HEADER_BYTES);
  const [saltEnd, bodyStart] = [HEADER_BYTES + SALT_BYTES, HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES];
  const { recordKey, commitment, nonce } = derive(key, sealed.subarray(HEADER_BYTES, saltEnd));
  if (!timingSafeEqual(commitment, sealed.subarray(saltEnd, bodyStart))) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", recordKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.concat([header, contextBytes(context)]));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(bodyStart, sealed.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined; // The tag does not fit. OpenSSL says no more, and nobody should be told more.
  }
}

function derive(key: KeyObject, salt: Uint8Array) {
  const derived = Buffer.from(hkdfSync("sha512", key, salt, INFO, DERIVED_BYTES));
  return {
    recordKey: derived.subarray(0, KEY_BYTES),
    commitment: derived.subarray(KEY_BYTES, KEY_BYTES + COMMITMENT_BYTES),
    nonce: derived.subarray(KEY_BYTES + COMMITMENT_BYTES),
  };
}
