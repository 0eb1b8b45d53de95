// What arrived of the log and is not stored yet. Pieces end at block borders, or when the oldest byte has waited long enough;
// a block that is complete is stored once more as one piece, and its parts are removed.
import { BackupError } from "../error.ts";
import type { BackupTarget } from "./backup-target.ts";
import { type LogRange, type LogSealer, logPieceName } from "./log-piece.ts";
import { formatLogPosition } from "./log-position.ts";

export interface LogBlockOptions {
  readonly target: BackupTarget;
  readonly sealer: LogSealer;
  readonly system: string;
  readonly timeline: number;
  readonly start: bigint;
  readonly storeWithinMs: number;
  readonly blockBytes: number;
  /** Everything before the position is stored, and reaches to that time. */
  readonly onStored: (position: bigint, reachesTo: number) => void;
  readonly onFailure: (cause: unknown) => void;
}

interface Arrived {
  readonly start: bigint;
  readonly content: Buffer;
  readonly at: number;
}

export class LogBlock {
  readonly #options: LogBlockOptions;
  #receivedTo: bigint;
  #arrived: Arrived[] = [];
  /** What is stored of the block that is not complete, for the piece that replaces its parts. */
  #parts: { readonly range: LogRange; readonly content: Buffer }[] = [];
  #storing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  constructor(options: LogBlockOptions) {
    this.#options = options;
    this.#receivedTo = options.start;
  }

  get receivedTo(): bigint {
    return this.#receivedTo;
  }

  /** Takes over what the server sent; the bytes are copied. */
  add(start: bigint, content: Buffer, at: number): void {
    if (this.#hasFailed || content.length === 0) return;
    if (start !== this.#receivedTo) {
      this.#fail(
        new BackupError("backup/interrupted", {
          expected: `the log from ${formatLogPosition(this.#receivedTo)} on`,
          found: formatLogPosition(start),
          hint: "Archiving begins anew from where it is complete.",
        }),
      );
      return;
    }
    const blockBytes = BigInt(this.#options.blockBytes);
    for (let rest = Buffer.from(content); rest.length > 0; ) {
      const room = Number(blockBytes - (this.#receivedTo % blockBytes));
      const part = rest.subarray(0, room);
      this.#arrived.push({ start: this.#receivedTo, content: part, at });
      this.#receivedTo += BigInt(part.length);
      rest = rest.subarray(part.length);
      if (part.length === room) this.storeSoon();
    }
    this.#timer ??= setTimeout(() => this.storeSoon(), this.#options.storeWithinMs);
  }

  /** Stores what has arrived, now or right after what is being stored. */
  storeSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#hasFailed) return;
    this.#storing ??= this.#storeAll().then(
      () => {
        this.#storing = undefined;
      },
      (cause: unknown) => this.#fail(cause),
    );
  }

  /** Stores the rest. @throws BackupError */
  async finish(): Promise<void> {
    this.storeSoon();
    await this.#storing;
  }

  #fail(cause: unknown): void {
    this.#hasFailed = true;
    clearTimeout(this.#timer);
    this.#options.onFailure(cause);
  }

  async #storeAll(): Promise<void> {
    while (this.#arrived.length > 0) await this.#storeOne();
  }

  /** Everything that arrived of the oldest block. */
  async #storeOne(): Promise<void> {
    const { blockBytes } = this.#options;
    const first = this.#arrived[0] as Arrived;
    const border = first.start - (first.start % BigInt(blockBytes)) + BigInt(blockBytes);
    const count = this.#arrived.findIndex(({ start }) => start >= border);
    const taken = this.#arrived.splice(0, count === -1 ? this.#arrived.length : count);
    const content = Buffer.concat(taken.map((each) => each.content));
    const range = this.#rangeOf(first.start, content.length);
    const at = (taken.at(-1) as Arrived).at;
    await this.#put(range, content, at);
    this.#parts.push({ range, content });
    if (range.end === border) await this.#replaceParts(at);
    this.#options.onStored(range.end, at);
  }

  #rangeOf = (start: bigint, bytes: number): LogRange => ({
    timeline: this.#options.timeline,
    start,
    end: start + BigInt(bytes),
  });

  async #put(range: LogRange, content: Buffer, at: number): Promise<void> {
    const { target, sealer, system } = this.#options;
    await target.put(logPieceName(system, range), await sealer.seal(range, content, at));
  }

  async #replaceParts(at: number): Promise<void> {
    const { target, system } = this.#options;
    const parts = this.#parts;
    this.#parts = [];
    const [first] = parts;
    if (first === undefined || parts.length === 1) return;
    const content = Buffer.concat(parts.map((part) => part.content));
    await this.#put(this.#rangeOf(first.range.start, content.length), content, at);
    // Locked or not removable: the parts overlap with the whole, which does no harm.
    for (const { range } of parts) await target.remove(logPieceName(system, range)).catch(() => undefined);
  }
}
