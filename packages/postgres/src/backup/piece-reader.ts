// Reads a backup back: each piece is compared with the record, opened frame by frame and decompressed. Nothing is given out that
// was not verified, and what is wrong is named.
import { createHash } from "node:crypto";
import { createZstdDecompress, zstdDecompressSync } from "node:zlib";
import { BackupError } from "../error.ts";
import { type BackupPiece, manifestName, type OpenedRecord, pieceName } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { drained } from "./drained.ts";
import { openWhole, SealedStreamDamage, StreamOpener, streamKey } from "./sealed-stream.ts";

const CHUNK_BYTES = 1024 * 1024;
const MANIFEST_BYTES_MAX = 256 * 1024 * 1024;

/** The archive of the data directory, in the clear. @throws BackupError */
export async function* readArchive(target: BackupTarget, opened: OpenedRecord): AsyncGenerator<Buffer> {
  const decompressor = createZstdDecompress({ chunkSize: CHUNK_BYTES });
  const feeding = feed(target, opened, decompressor).catch((cause: unknown) => {
    decompressor.destroy(cause as Error);
  });
  try {
    for await (const chunk of decompressor) yield chunk as Buffer;
    await feeding;
  } finally {
    decompressor.destroy();
  }
}

async function feed(
  target: BackupTarget,
  { record, dataKey }: OpenedRecord,
  decompressor: ReturnType<typeof createZstdDecompress>,
): Promise<void> {
  const opener = new StreamOpener(streamKey(dataKey, `base ${record.id}`));
  const write = async (plain: Buffer): Promise<void> => {
    if (decompressor.destroyed) throw new Error("nobody reads any more");
    if (!decompressor.write(plain)) await drained(decompressor);
  };
  let next = fetchPiece(target, record.id, record.pieces, 0);
  for (let index = 0; index < record.pieces.length; index += 1) {
    const content = await next;
    if (index + 1 < record.pieces.length) {
      next = fetchPiece(target, record.id, record.pieces, index + 1);
      next.catch(() => undefined); // Awaited in the next round, unless something fails before.
    }
    for (const plain of naming(record.id, index, () => opener.add(content))) await write(plain);
  }
  await write(naming(record.id, record.pieces.length - 1, () => opener.finish()));
  decompressor.end();
}

async function fetchPiece(
  target: BackupTarget,
  id: string,
  pieces: readonly BackupPiece[],
  index: number,
): Promise<Buffer> {
  const name = pieceName(id, index);
  const content = await target.get(name);
  const { bytes, sha256 } = pieces[index] as BackupPiece;
  if (content === undefined) throw damaged("backup/piece-missing", name, "nothing under its name");
  const found = createHash("sha256").update(content).digest("hex");
  if (found === sha256) return content;
  const other = pieces.findIndex((piece) => piece.sha256 === found);
  if (other !== -1) throw damaged("backup/piece-damaged", name, `piece ${other} of the same backup in its place`);
  if (content.length < bytes) throw damaged("backup/piece-damaged", name, `${content.length} of ${bytes} bytes`);
  throw damaged("backup/piece-damaged", name, "other bytes than were stored");
}

function naming<T>(id: string, index: number, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (!(cause instanceof SealedStreamDamage)) throw cause;
    const found = {
      "does-not-open": "a frame that does not open",
      "cut-off": "its end missing",
      "goes-on": "more after its end",
    };
    throw damaged("backup/piece-damaged", pieceName(id, index), found[cause.reason], cause);
  }
}

/** PostgreSQL's own list of the files and their hashes. @throws BackupError */
export async function readManifest(target: BackupTarget, { record, dataKey }: OpenedRecord): Promise<Buffer> {
  const name = manifestName(record.id);
  const content = await target.get(name);
  if (content === undefined) throw damaged("backup/piece-missing", name, "nothing under its name");
  try {
    const plain = openWhole(streamKey(dataKey, `manifest ${record.id}`), content);
    return zstdDecompressSync(plain, { maxOutputLength: MANIFEST_BYTES_MAX });
  } catch (cause) {
    throw damaged("backup/piece-damaged", name, "something that does not open", cause);
  }
}

const damaged = (
  code: "backup/piece-damaged" | "backup/piece-missing",
  name: string,
  found: string,
  cause?: unknown,
): BackupError =>
  new BackupError(code, {
    expected: `${name} as it was stored`,
    found,
    hint: "Use another backup, and find out who or what changed the target.",
    cause,
  });
