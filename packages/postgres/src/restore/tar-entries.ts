// Reads the archive that PostgreSQL streams: POSIX ustar, regular files and directories only.

export interface TarEntry {
  readonly kind: "file" | "folder";
  /** Below the data directory, without a leading or trailing slash. */
  readonly path: string;
  readonly bytes: number;
}

/** Told of each entry in turn; `data` comes until the entry's bytes are complete, then `end`. */
export interface TarSink {
  begin(entry: TarEntry): Promise<void>;
  data(content: Buffer): Promise<void>;
  end(): Promise<void>;
}

const BLOCK_BYTES = 512;
const SAFE_PATH = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\0][^\0]*$/;

/** Feeds the sink. @throws TypeError for anything but what PostgreSQL writes; the archive was authentic, so that is a bug. */
export async function readTar(chunks: AsyncIterable<Buffer>, sink: TarSink): Promise<void> {
  let head: Buffer[] = [];
  let headBytes = 0;
  let left = 0; // Bytes of the current file that are still to come.
  let padding = 0;
  let isInFile = false;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (isInFile && left > 0) {
        const part = chunk.subarray(at, at + left);
        await sink.data(part);
        at += part.length;
        left -= part.length;
        if (left > 0) continue;
      }
      if (isInFile) {
        await sink.end();
        isInFile = false;
      }
      if (padding > 0) {
        const skipped = Math.min(padding, chunk.length - at);
        padding -= skipped;
        at += skipped;
        continue;
      }
      const part = chunk.subarray(at, at + BLOCK_BYTES - headBytes);
      head.push(part);
      headBytes += part.length;
      at += part.length;
      if (headBytes < BLOCK_BYTES) continue;
      const entry = parseHead(Buffer.concat(head));
      head = [];
      headBytes = 0;
      if (entry === undefined) continue; // A block of zeros: the end of the archive.
      await sink.begin(entry);
      isInFile = entry.kind === "file";
      left = entry.bytes;
      padding = (BLOCK_BYTES - (entry.bytes % BLOCK_BYTES)) % BLOCK_BYTES;
      if (isInFile && left === 0) {
        await sink.end();
        isInFile = false;
      }
    }
  }
  if (isInFile && left === 0) await sink.end();
  else if (isInFile || headBytes > 0) throw new TypeError("the archive ends within an entry");
}

function parseHead(block: Buffer): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (octal(block, 148, 8) !== checksumOf(block)) throw new TypeError("the archive has a damaged header");
  const path = text(block, 0, 100).replace(/\/$/, "").replace(/^\.\//, "");
  if (!SAFE_PATH.test(path)) throw new TypeError("the archive names a file outside the data directory");
  const type = String.fromCharCode(block[156] as number);
  if (type === "5") return { kind: "folder", path, bytes: 0 };
  if (type === "0" || type === "\0") return { kind: "file", path, bytes: sizeOf(block) };
  throw new TypeError(`the archive has an entry of kind ${type}`);
}

/** Octal digits; from 8 GiB on a binary number, marked by the first bit. */
function sizeOf(block: Buffer): number {
  const first = block[124] as number;
  return (first & 0x80) === 0 ? octal(block, 124, 12) : Number(block.readBigUInt64BE(128));
}

const text = (block: Buffer, start: number, length: number): string => {
  const field = block.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString("utf8");
};

const octal = (block: Buffer, start: number, length: number): number =>
  Number.parseInt(text(block, start, length).trim() || "0", 8);

function checksumOf(block: Buffer): number {
  let sum = 0;
  for (let index = 0; index < BLOCK_BYTES; index += 1)
    sum += index >= 148 && index < 156 ? 0x20 : (block[index] as number);
  return sum;
}
