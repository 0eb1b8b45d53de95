// Seals a stream in authenticated frames (the STREAM construction: Hoang, Reyhanitabar, Rogaway, Vizár 2015, as age uses it):
// AES-256-GCM over 1 MiB each, the nonce counts the frames and marks the last one. Nothing is released before it is verified,
// and a stream that was cut, reordered, extended or mixed with another does not open.
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";

/** Plain bytes of every frame but the last, which has from 0 to as many. */
export const FRAME_BYTES = 1024 * 1024;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const KEY_BYTES = 32;
const ALGORITHM = "aes-256-gcm";
/** Bytes of a whole sealed frame. */
export const SEALED_FRAME_BYTES = FRAME_BYTES + TAG_BYTES;

/** Eleven bytes that count, one that says whether this is the last frame. */
function nonceOf(frame: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(frame, NONCE_BYTES - 1 - 6, 6);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}

/** A key for one stream: derived from the data key and everything that says which stream it is, so that no nonce comes twice. */
export const streamKey = (dataKey: Uint8Array, stream: string): Buffer =>
  Buffer.from(hkdfSync("sha256", dataKey, new Uint8Array(), `holdfast backup ${stream}`, KEY_BYTES));

/** Seals chunks as they come; what it gives out are whole frames. */
export class StreamSealer {
  readonly #key: Uint8Array;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #frame = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The frames that became full by this chunk. */
  add(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // A frame is sealed only when more is known to follow: the last one must say that it is the last.
    while (this.#waitingBytes > FRAME_BYTES) frames.push(this.#seal(this.#take(FRAME_BYTES), false));
    return frames;
  }

  /** The last frame. */
  finish(): Buffer {
    return this.#seal(this.#take(this.#waitingBytes), true);
  }

  #take(bytes: number): Buffer {
    const all = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting);
    const rest = all.subarray(bytes);
    this.#waiting = rest.length === 0 ? [] : [rest];
    this.#waitingBytes = rest.length;
    return all.subarray(0, bytes);
  }

  #seal(plain: Buffer, isLast: boolean): Buffer {
    const cipher = createCipheriv(ALGORITHM, this.#key, nonceOf(this.#frame, isLast), { authTagLength: TAG_BYTES });
    this.#frame += 1;
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }
}

/** Why a sealed stream did not open; a value, because whoever opens it knows what it was and says so. */
export class SealedStreamDamage extends Error {
  readonly frame: number;
  readonly reason: "does-not-open" | "cut-off" | "goes-on";

  constructor(frame: number, reason: SealedStreamDamage["reason"]) {
    super(`frame ${frame} ${reason}`);
    this.name = "SealedStreamDamage";
    this.frame = frame;
    this.reason = reason;
  }
}

/** Opens what a StreamSealer sealed. */
export class StreamOpener {
  readonly #key: Uint8Array;
  #waiting: Buffer = Buffer.alloc(0);
  #frame = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The plain bytes of the frames that are complete and known not to be the last. @throws SealedStreamDamage */
  add(sealed: Buffer): Buffer[] {
    const plain: Buffer[] = [];
    this.#waiting = this.#waiting.length === 0 ? sealed : Buffer.concat([this.#waiting, sealed]);
    while (this.#waiting.length > SEALED_FRAME_BYTES) {
      plain.push(this.#open(this.#waiting.subarray(0, SEALED_FRAME_BYTES), false));
      this.#waiting = this.#waiting.subarray(SEALED_FRAME_BYTES);
    }
    return plain;
  }

  /** The plain bytes of the last frame. @throws SealedStreamDamage when what is there was not sealed as the last one. */
  finish(): Buffer {
    return this.#open(this.#waiting, true);
  }

  #open(sealed: Buffer, isLast: boolean): Buffer {
    const plain = this.#tryOpen(sealed, isLast);
    if (plain !== undefined) {
      this.#frame += 1;
      return plain;
    }
    // The other flag fits: the frame is sound, but it is not where the stream ends.
    if (this.#tryOpen(sealed, !isLast) !== undefined)
      throw new SealedStreamDamage(this.#frame, isLast ? "cut-off" : "goes-on");
    throw new SealedStreamDamage(this.#frame, "does-not-open");
  }

  #tryOpen(sealed: Buffer, isLast: boolean): Buffer | undefined {
    if (sealed.length < TAG_BYTES) return undefined;
    const nonce = nonceOf(this.#frame, isLast);
    const decipher = createDecipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined; // The tag does not fit.
    }
  }
}

/** A short text sealed as one stream. */
export function sealWhole(key: Uint8Array, plain: Buffer): Buffer {
  const sealer = new StreamSealer(key);
  return Buffer.concat([...sealer.add(plain), sealer.finish()]);
}

/** @throws SealedStreamDamage */
export function openWhole(key: Uint8Array, sealed: Buffer): Buffer {
  const opener = new StreamOpener(key);
  return Buffer.concat([...opener.add(sealed), opener.finish()]);
}
