// One piece of the archived write-ahead log: the bytes from one position to another on one timeline, compressed and sealed. Its
// name says which bytes, its key is derived from that name and from the time up to which it reaches: a piece under another name,
// or of another cluster, does not open.
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompress } from "node:zlib";
import type { KeyWrapper, SealContext } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import { wrongKey } from "./backup-record.ts";
import type { BackupTarget, StoredObject } from "./backup-target.ts";
import { freshDataKey } from "./data-key.ts";
import { formatLogPosition, hexadecimal } from "./log-position.ts";
import { openWhole, sealWhole, streamKey } from "./sealed-stream.ts";

/** No piece is longer: also on servers whose segments are larger. */
export const LOG_PIECE_BYTES_MAX = 16 * 1024 * 1024;

/** Which bytes of which log. */
export interface LogRange {
  readonly timeline: number;
  readonly start: bigint;
  /** The first position after it. */
  readonly end: bigint;
}

/** Readable without a key: which wrapped key opens the piece, and up to when it reaches by the server's clock. */
interface PieceHead {
  readonly key: string;
  readonly context: SealContext;
  /** Milliseconds since 1970. */
  readonly reachesTo: number;
}

export interface LogPiece {
  readonly content: Buffer;
  readonly reachesTo: number;
}

const HEAD_LENGTH_BYTES = 4;
const HEAD_BYTES_MAX = 16 * 1024;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export const logFolder = (system: string, timeline: number): string =>
  `log/${system}/${hexadecimal(BigInt(timeline), 8)}/`;

const DIGITS = 16;

export const logPieceName = (system: string, { timeline, start, end }: LogRange): string =>
  `${logFolder(system, timeline)}${hexadecimal(start, DIGITS)}-${hexadecimal(end, DIGITS)}`;

/** What a name says; undefined for anything that is no piece. */
export function readLogPieceName(name: string): LogRange | undefined {
  const [, timeline, start, end] = /^log\/\d+\/([0-9A-F]{8})\/([0-9A-F]{16})-([0-9A-F]{16})$/.exec(name) ?? [];
  if (timeline === undefined) return undefined;
  return { timeline: Number.parseInt(timeline, 16), start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) };
}

/** Seals pieces under one data key, which is wrapped once. */
export class LogSealer {
  readonly #system: string;
  readonly #dataKey: Buffer;
  readonly #wrapped: string;
  readonly #context: SealContext;

  private constructor(system: string, dataKey: Buffer, wrapped: Buffer, context: SealContext) {
    this.#system = system;
    this.#dataKey = dataKey;
    this.#wrapped = wrapped.toString("base64");
    this.#context = context;
  }

  static async create(keys: KeyWrapper, system: string): Promise<LogSealer> {
    const dataKey = freshDataKey();
    const context = { purpose: "backup-log", system };
    return new LogSealer(system, dataKey, await keys.wrap(dataKey, context), context);
  }

  async seal(range: LogRange, content: Buffer, reachesTo: number): Promise<Buffer> {
    const head: PieceHead = { key: this.#wrapped, context: this.#context, reachesTo };
    const text = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(HEAD_LENGTH_BYTES);
    length.writeUInt32BE(text.length);
    const plain = await compress(content, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
    const key = streamKey(this.#dataKey, streamName(this.#system, range, reachesTo));
    return Buffer.concat([length, text, sealWhole(key, plain)]);
  }
}

const streamName = (system: string, range: LogRange, reachesTo: number): string =>
  `${logPieceName(system, range)} ${reachesTo}`;

/** Opens pieces, and asks the keyring once for each key. */
export class LogOpener {
  readonly #target: BackupTarget;
  readonly #keys: KeyWrapper;
  readonly #known = new Map<string, Buffer>();

  constructor(target: BackupTarget, keys: KeyWrapper) {
    this.#target = target;
    this.#keys = keys;
  }

  /** @throws BackupError with the reason when the piece is not what was sealed. */
  async open(system: string, range: LogRange): Promise<LogPiece> {
    const name = logPieceName(system, range);
    const stored = await this.#target.get(name);
    if (stored === undefined) throw damaged(range, "nothing under its name", "backup/piece-missing");
    const { head, sealed } = readHead(range, stored);
    const dataKey = this.#known.get(head.key) ?? (await this.#unwrap(head, system));
    let content: Buffer;
    try {
      const plain = openWhole(streamKey(dataKey, streamName(system, range, head.reachesTo)), sealed);
      content = await decompress(plain, { maxOutputLength: LOG_PIECE_BYTES_MAX });
    } catch (cause) {
      throw damaged(range, `a piece that does not open (${(cause as Error).message})`, "backup/piece-damaged", cause);
    }
    if (BigInt(content.length) !== range.end - range.start) throw damaged(range, `${content.length} bytes`);
    return { content, reachesTo: head.reachesTo };
  }

  /** The bytes of a range that was listed, also where its piece has become part of a longer one since. @throws BackupError */
  async openRange(system: string, range: LogRange): Promise<Buffer> {
    try {
      return (await this.open(system, range)).content;
    } catch (cause) {
      if (!isMissing(cause)) throw cause;
      const pieces = await listLogPieces(this.#target, system, range.timeline);
      const longer = pieces.find(({ start, end }) => start <= range.start && end >= range.end);
      if (longer === undefined) throw cause;
      const { content } = await this.open(system, longer);
      return content.subarray(Number(range.start - longer.start), Number(range.end - longer.start));
    }
  }

  async #unwrap({ key, context }: PieceHead, system: string): Promise<Buffer> {
    // The context is ours to say, not the piece's: a key that was wrapped for something else does not open here.
    const dataKey = await this.#keys
      .unwrap(Buffer.from(key, "base64"), { ...context, purpose: "backup-log", system })
      .catch((cause: unknown) => {
        throw wrongKey("the archived log", cause);
      });
    this.#known.set(key, dataKey);
    return dataKey;
  }
}

function readHead(range: LogRange, stored: Buffer): { head: PieceHead; sealed: Buffer } {
  const length = stored.length < HEAD_LENGTH_BYTES ? 0 : stored.readUInt32BE(0);
  if (length === 0 || length > HEAD_BYTES_MAX || stored.length < HEAD_LENGTH_BYTES + length)
    throw damaged(range, "a piece that is cut off");
  try {
    const head = JSON.parse(stored.toString("utf8", HEAD_LENGTH_BYTES, HEAD_LENGTH_BYTES + length)) as PieceHead;
    if (typeof head.key !== "string" || !Number.isSafeInteger(head.reachesTo)) throw new TypeError("another format");
    return { head, sealed: stored.subarray(HEAD_LENGTH_BYTES + length) };
  } catch (cause) {
    throw damaged(range, "a piece whose head cannot be read", "backup/piece-damaged", cause);
  }
}

const damaged = (
  { start, end, timeline }: LogRange,
  found: string,
  code: "backup/piece-damaged" | "backup/piece-missing" = "backup/piece-damaged",
  cause?: unknown,
): BackupError =>
  new BackupError(code, {
    expected: `the log from ${formatLogPosition(start)} to ${formatLogPosition(end)} on timeline ${timeline} as it was archived`,
    found,
    hint: "Restore to a moment before it, or from a newer backup; then find out who or what changed the target.",
    cause,
  });

const LISTINGS_MAX = 3;
const isMissing = (cause: unknown): boolean => cause instanceof BackupError && cause.code === "backup/piece-missing";

/** What somebody does with the pieces that are listed; done again when the archiver joined some of them meanwhile. */
export async function withLogPieces<T>(
  target: BackupTarget,
  { system, timeline }: { readonly system: string; readonly timeline: number },
  work: (pieces: readonly LogRange[]) => Promise<T>,
): Promise<T> {
  for (let listing = 1; ; listing += 1) {
    try {
      return await work(await listLogPieces(target, system, timeline));
    } catch (cause) {
      if (!isMissing(cause) || listing === LISTINGS_MAX) throw cause;
    }
  }
}

/** The pieces of one timeline, by where they start. */
export async function listLogPieces(
  target: BackupTarget,
  system: string,
  timeline: number,
): Promise<readonly LogRange[]> {
  const objects: readonly StoredObject[] = await target.list(logFolder(system, timeline));
  return objects.map(({ name }) => readLogPieceName(name)).filter((range) => range !== undefined);
}

/** The pieces that follow one another from a position on, as far as they go. Of pieces that overlap the longest is taken. */
export function contiguousFrom(pieces: readonly LogRange[], position: bigint): readonly LogRange[] {
  const chain: LogRange[] = [];
  let reached = position;
  let index = 0;
  for (;;) {
    let best: LogRange | undefined;
    for (; index < pieces.length; index += 1) {
      const piece = pieces[index] as LogRange;
      if (piece.start > reached) break;
      if (piece.end > (best?.end ?? reached)) best = piece;
    }
    if (best === undefined) return chain;
    chain.push(best);
    reached = best.end;
  }
}
