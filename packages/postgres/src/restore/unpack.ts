// Writes a backup's files into an empty data directory, and compares each with PostgreSQL's manifest while it is written.
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { OpenedRecord } from "../backup/backup-record.ts";
import type { BackupTarget } from "../backup/backup-target.ts";
import { readArchive, readManifest } from "../backup/piece-reader.ts";
import { giveTo } from "../cluster-directory.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";
import { differs, type ManifestFile, parseManifest } from "./backup-manifest.ts";
import { readTar, type TarEntry, type TarSink } from "./tar-entries.ts";

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

export interface UnpackOptions {
  readonly target: BackupTarget;
  readonly backup: OpenedRecord;
  /** Where the files go; absent only verifies. */
  readonly into?: { readonly folder: string; readonly owner: ProcessOwner };
  readonly onProgress?: (bytes: number, about: number) => void;
  readonly signal?: AbortSignal;
}

/** @throws BackupError for whatever is not as it was, and what the file system throws. */
export async function unpackBackup(options: UnpackOptions): Promise<Unpacked> {
  const manifest = parseManifest(await readManifest(options.target, options.backup));
  const sink = new FileSink(manifest, options);
  try {
    await readTar(readArchive(options.target, options.backup), sink);
    return sink.finish();
  } finally {
    await sink.close();
  }
}

/** The server adds the log that the backup itself needs; it is not in the manifest, and replay checks it record by record. */
const isLog = (path: string): boolean => path.startsWith("pg_wal/");

class FileSink implements TarSink {
  readonly #manifest: ReadonlyMap<string, ManifestFile>;
  readonly #options: UnpackOptions;
  readonly #seen = new Set<string>();
  #entry: TarEntry | undefined;
  #file: FileHandle | undefined;
  #hash: Hash | undefined;
  #bytes = 0;

  constructor(manifest: ReadonlyMap<string, ManifestFile>, options: UnpackOptions) {
    this.#manifest = manifest;
    this.#options = options;
  }

  async begin(entry: TarEntry): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const { into } = this.#options;
    const place = into === undefined ? undefined : join(into.folder, entry.path);
    if (entry.kind === "folder") {
      if (place !== undefined && into !== undefined) await makeFolder(place, into.owner);
      return;
    }
    if (!this.#manifest.has(entry.path) && !isLog(entry.path)) throw differs(`a file it does not list, ${entry.path}`);
    this.#entry = entry;
    this.#hash = createHash("sha256");
    if (place === undefined || into === undefined) return;
    await makeFolder(dirname(place), into.owner);
    this.#file = await open(place, "wx", PRIVATE_FILE);
    if (into.owner.uid !== undefined && into.owner.gid !== undefined)
      await this.#file.chown(into.owner.uid, into.owner.gid);
  }

  async data(content: Buffer): Promise<void> {
    this.#hash?.update(content);
    this.#bytes += content.length;
    for (let rest = content; this.#file !== undefined && rest.length > 0; ) {
      const { bytesWritten } = await this.#file.write(rest);
      rest = rest.subarray(bytesWritten);
    }
    this.#options.onProgress?.(this.#bytes, this.#options.backup.record.plainBytes);
  }

  async end(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    const entry = this.#entry as TarEntry;
    const listed = this.#manifest.get(entry.path);
    if (listed === undefined) return;
    if (entry.bytes !== listed.bytes || this.#hash?.digest("hex") !== listed.sha256)
      throw differs(`another ${entry.path}`);
    this.#seen.add(entry.path);
  }

  finish(): Unpacked {
    for (const path of this.#manifest.keys()) if (!this.#seen.has(path)) throw differs(`no ${path}`);
    return { files: this.#seen.size, bytes: this.#bytes };
  }

  /** After a failure half way. */
  async close(): Promise<void> {
    await this.#file?.close();
  }
}

async function makeFolder(path: string, owner: ProcessOwner): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  if (made === undefined) return;
  // Every folder that was made on the way belongs to whoever runs PostgreSQL.
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) await giveTo(owner, folder);
}
