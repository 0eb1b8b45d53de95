// An incremental file, as PostgreSQL sends it for a relation of which only some blocks changed: a magic number, how many blocks
// follow, how short the relation has been since, the blocks' numbers, zeros up to a border of a block, and the blocks
// (basebackup_incremental.c of PostgreSQL 17; little-endian as the servers we know). It is laid into the older file as it arrives.
import type { FileHandle } from "node:fs/promises";
import { BLOCK_BYTES } from "../backup/increment.ts";
import { differs } from "./backup-manifest.ts";

const MAGIC = 0xd3ae1f0d;
const WORD_BYTES = 4;
const FIXED_BYTES = 3 * WORD_BYTES;
/** Blocks of one file of a relation (RELSEG_SIZE): a gibibyte. */
const FILE_BLOCKS_MAX = 131_072;

/** The file that an incremental one belongs to; undefined for any other. */
export function patchedPath(path: string): string | undefined {
  const [, folder = "", name] = /^(.*\/)?INCREMENTAL\.([^/]+)$/.exec(path) ?? [];
  return name === undefined ? undefined : `${folder}${name}`;
}

export class BlockPatcher {
  readonly #path: string;
  readonly #bytes: number;
  /** Absent only verifies. */
  readonly #file: FileHandle | undefined;
  #head: Buffer = Buffer.alloc(0);
  #blocks: readonly number[] | undefined;
  #headBytes = 0;
  /** Bytes of blocks so far. */
  #at = 0;

  /** `bytes` is the length of the incremental file. */
  constructor(path: string, bytes: number, file: FileHandle | undefined) {
    this.#path = path;
    this.#bytes = bytes;
    this.#file = file;
  }

  /** @throws BackupError for anything that is not such a file. */
  async write(content: Buffer): Promise<void> {
    if (this.#blocks !== undefined) return this.#patch(content);
    this.#head = Buffer.concat([this.#head, content]);
    if (!(await this.#readHead()) || this.#head.length < this.#headBytes) return;
    const rest = this.#head.subarray(this.#headBytes);
    this.#head = Buffer.alloc(0);
    await this.#patch(rest);
  }

  /** @throws BackupError when something is missing. */
  finish(): void {
    if (this.#blocks === undefined || this.#at !== this.#blocks.length * BLOCK_BYTES)
      throw this.#fault("an end too early");
  }

  /** True when the head is complete: the older file then has the length that the blocks are laid into. */
  async #readHead(): Promise<boolean> {
    if (this.#head.length < FIXED_BYTES) return false;
    const [magic, count, shortest] = [0, 1, 2].map((word) => this.#head.readUInt32LE(word * WORD_BYTES)) as [
      number,
      number,
      number,
    ];
    if (magic !== MAGIC) throw this.#fault("another format");
    if (count > FILE_BLOCKS_MAX || shortest > FILE_BLOCKS_MAX) throw this.#fault("more blocks than a file has");
    const listed = FIXED_BYTES + count * WORD_BYTES;
    this.#headBytes = count === 0 ? listed : Math.ceil(listed / BLOCK_BYTES) * BLOCK_BYTES;
    if (this.#bytes !== this.#headBytes + count * BLOCK_BYTES) throw this.#fault("another length than its blocks have");
    if (this.#head.length < this.#headBytes) return false;
    const blocks = Array.from({ length: count }, (_, index) =>
      this.#head.readUInt32LE(FIXED_BYTES + index * WORD_BYTES),
    );
    if (
      blocks.some((block, index) => block >= FILE_BLOCKS_MAX || (index > 0 && block <= (blocks[index - 1] as number)))
    )
      throw this.#fault("blocks that are out of order");
    // What lay behind is gone, also where new blocks came since; what the relation grew by without a trace in the log is zeros.
    await this.#file?.truncate(shortest * BLOCK_BYTES);
    this.#blocks = blocks;
    return true;
  }

  /** Neighbours are written at once. */
  async #patch(content: Buffer): Promise<void> {
    const blocks = this.#blocks as readonly number[];
    for (let rest = content; rest.length > 0; ) {
      const index = Math.floor(this.#at / BLOCK_BYTES);
      const within = this.#at % BLOCK_BYTES;
      const first = blocks[index];
      if (first === undefined) throw this.#fault("more than its blocks");
      let run = 1;
      while (run * BLOCK_BYTES - within < rest.length && blocks[index + run] === first + run) run += 1;
      const part = rest.subarray(0, run * BLOCK_BYTES - within);
      await this.#writeAt(part, first * BLOCK_BYTES + within);
      this.#at += part.length;
      rest = rest.subarray(part.length);
    }
  }

  async #writeAt(content: Buffer, position: number): Promise<void> {
    for (let done = 0; this.#file !== undefined && done < content.length; )
      done += (await this.#file.write(content, done, content.length - done, position + done)).bytesWritten;
  }

  #fault = (found: string) => differs(`${found} in ${this.#path}`);
}
