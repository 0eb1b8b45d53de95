// Takes a base backup through the replication protocol: the server streams its data directory and makes the manifest; here it is
// compressed, sealed and stored piece by piece, and never lies on a disk in the clear.
import { createHash, randomBytes } from "node:crypto";
import { constants, createZstdCompress, zstdCompressSync } from "node:zlib";
import type { KeyWrapper } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { type BackupRecord, keyContext, manifestName, pieceName, recordName, sealRecord } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { freshDataKey } from "./data-key.ts";
import { drained } from "./drained.ts";
import { prepareIncrement, whyNoIncrement } from "./increment.ts";
import { PieceWriter } from "./piece-writer.ts";
import type { CopyOut, TextRow } from "./replication-connection.ts";
import { sealWhole, streamKey } from "./sealed-stream.ts";
import { openSource, refusal, type SourceServer } from "./source-server.ts";

export interface BaseBackupOptions {
  /** How to connect as the backup role, to any database. */
  readonly settings: GuardedSettings;
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** Copies only what has changed since this backup (PostgreSQL 17 and later, with summarize_wal = on). */
  readonly parent?: string;
  /** Bytes that arrived, of about so many. */
  readonly onProgress?: (bytes: number, about: number) => void;
  readonly signal?: AbortSignal;
}

/** PostgreSQL 18 §54.4, BASE_BACKUP: the first byte of each message of the stream. */
const messageTypes = { archive: 0x6e, manifest: 0x6d, data: 0x64, progress: 0x70 } as const;
const MANIFEST_BYTES_MAX = 256 * 1024 * 1024;
const KIBIBYTE = 1024;
const BASE_ARCHIVE = "base.tar";
const COMMAND =
  "LABEL 'holdfast', PROGRESS true, CHECKPOINT 'fast', WAL true, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256'";

/** @throws BackupError; nothing of the attempt is left then, save where the target itself is gone. */
export async function takeBaseBackup(options: BaseBackupOptions): Promise<BackupRecord> {
  const source = await openSource(options.settings, "holdfast_backup");
  const abort = (): void => source.connection.destroy();
  options.signal?.addEventListener("abort", abort, { once: true });
  const stored: string[] = [];
  try {
    options.signal?.throwIfAborted();
    return await take(options, source, stored);
  } catch (cause) {
    for (const name of stored) await options.target.remove(name).catch(() => undefined); // Without its record it is not counted.
    throw cause instanceof BackupError ? cause : refusal(cause);
  } finally {
    options.signal?.removeEventListener("abort", abort);
    source.connection.destroy();
  }
}

async function take(options: BaseBackupOptions, source: SourceServer, stored: string[]): Promise<BackupRecord> {
  const { target, keys, parent } = options;
  if (parent !== undefined) await prepareIncrement(source, target, keys, parent);
  const startedAt = await source.now();
  const id = `${new Date(startedAt).toISOString().replace(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
  const dataKey = freshDataKey();
  const wrappedKey = await keys.wrap(dataKey, keyContext(id, source.system));
  const writer = new PieceWriter(target, streamKey(dataKey, `base ${id}`), (index) => {
    const name = pieceName(id, index);
    stored.push(name);
    return name;
  });
  const command = `BASE_BACKUP (${COMMAND}${parent === undefined ? "" : ", INCREMENTAL"})`;
  const copy = source.connection.copyOut(command);
  const { plainBytes, manifest } = await store(copy, writer, options.onProgress).catch((cause: unknown) => {
    throw parent === undefined ? cause : whyNoIncrement(cause);
  });
  const [started, ended] = positionsOf(copy.results);
  const sealedManifest = sealWhole(streamKey(dataKey, `manifest ${id}`), zstdCompressSync(manifest));
  stored.push(manifestName(id));
  await target.put(manifestName(id), sealedManifest);
  const record: BackupRecord = {
    format: 1,
    id,
    ...(parent === undefined ? {} : { parent }),
    system: source.system,
    timeline: Number(started["tli"]),
    startPosition: started["recptr"] as string,
    endPosition: ended["recptr"] as string,
    startedAt,
    endedAt: await source.now(),
    serverVersion: source.version,
    segmentBytes: source.segmentBytes,
    database: source.database,
    administrator: source.administrator,
    plainBytes,
    storedBytes: writer.pieces.reduce((sum, { bytes }) => sum + bytes, sealedManifest.length),
    compression: "zstd",
    pieces: writer.pieces,
    manifest: { bytes: sealedManifest.length, sha256: createHash("sha256").update(sealedManifest).digest("hex") },
    wrappedKey: wrappedKey.toString("base64"),
  };
  await target.put(recordName(id), sealRecord(record, dataKey));
  return record;
}

/** The first result says where the backup begins, the last where it ends (PostgreSQL 18 §54.4). */
function positionsOf(results: CopyOut["results"]): readonly [TextRow, TextRow] {
  const [started, ended] = [results[0]?.[0], results.at(-1)?.[0]];
  if (typeof started?.["recptr"] !== "string" || typeof ended?.["recptr"] !== "string" || results.length < 3)
    throw new TypeError("the server did not say where the backup begins and ends");
  return [started, ended];
}

async function store(
  copy: CopyOut,
  writer: PieceWriter,
  onProgress: BaseBackupOptions["onProgress"],
): Promise<{ plainBytes: number; manifest: Buffer }> {
  const compressor = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  const manifest: Buffer[] = [];
  let plainBytes = 0;
  let manifestBytes = 0;
  const feed = async (): Promise<void> => {
    let into: "archive" | "manifest" = "archive";
    for await (const message of copy.stream as AsyncIterable<Buffer>) {
      const content = message.subarray(1);
      switch (message[0]) {
        case messageTypes.archive:
          refuseTablespaces(content);
          break;
        case messageTypes.manifest:
          into = "manifest";
          break;
        case messageTypes.data:
          if (into === "manifest") {
            manifestBytes += content.length;
            if (manifestBytes > MANIFEST_BYTES_MAX) throw new TypeError("the manifest is larger than any we know");
            manifest.push(content);
            break;
          }
          plainBytes += content.length;
          onProgress?.(plainBytes, Number(copy.results[1]?.[0]?.["size"] ?? 0) * KIBIBYTE);
          if (!compressor.write(content)) await drained(compressor);
          break;
        default: // Progress within the archive: the bytes themselves tell more.
      }
    }
    compressor.end();
  };
  const drain = async (): Promise<void> => {
    for await (const chunk of compressor) await writer.write(chunk as Buffer);
    await writer.finish();
  };
  const fail = (cause: unknown): never => {
    compressor.destroy();
    copy.stream.destroy();
    throw cause;
  };
  await Promise.all([feed().catch(fail), drain().catch(fail)]);
  if (manifest.length === 0) throw new TypeError("the server sent no manifest");
  return { plainBytes, manifest: Buffer.concat(manifest) };
}

/** The archive's name, a zero byte, and the tablespace's own directory when it is not the main one. */
function refuseTablespaces(content: Buffer): void {
  const name = content.subarray(0, content.indexOf(0)).toString("utf8");
  if (name === BASE_ARCHIVE) return;
  throw new BackupError("backup/server-unsuitable", {
    expected: "a cluster without tablespaces of its own",
    found: `a tablespace (${name.slice(0, 40)})`,
    hint: "Move its tables into pg_default, or leave this cluster's backups to pgBackRest or WAL-G.",
  });
}
