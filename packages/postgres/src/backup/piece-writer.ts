// Turns the sealed frames of a backup into pieces of at most 32 MiB, stored one after the other while the next is filled.
import { createHash } from "node:crypto";
import type { BackupPiece } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { SEALED_FRAME_BYTES, StreamSealer } from "./sealed-stream.ts";

const PIECE_FRAMES = 32;
export const PIECE_BYTES = PIECE_FRAMES * SEALED_FRAME_BYTES;

export class PieceWriter {
  readonly pieces: BackupPiece[] = [];
  readonly #target: BackupTarget;
  readonly #sealer: StreamSealer;
  readonly #nameOf: (index: number) => string;
  #frames: Buffer[] = [];
  #storing: Promise<void> = Promise.resolve();

  constructor(target: BackupTarget, key: Uint8Array, nameOf: (index: number) => string) {
    this.#target = target;
    this.#sealer = new StreamSealer(key);
    this.#nameOf = nameOf;
  }

  async write(chunk: Buffer): Promise<void> {
    for (const frame of this.#sealer.add(chunk)) {
      this.#frames.push(frame);
      if (this.#frames.length === PIECE_FRAMES) await this.#store();
    }
  }

  /** Resolves when everything is stored. */
  async finish(): Promise<void> {
    this.#frames.push(this.#sealer.finish());
    await this.#store();
    await this.#storing;
  }

  async #store(): Promise<void> {
    const content = Buffer.concat(this.#frames);
    this.#frames = [];
    const index = this.pieces.length;
    this.pieces.push({ bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") });
    await this.#storing; // One piece on its way, one being filled: memory stays bounded however slow the target is.
    this.#storing = this.#target.put(this.#nameOf(index), content);
    this.#storing.catch(() => undefined); // Whoever waits for it next is told.
  }
}
