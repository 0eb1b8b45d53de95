// Takes the files of one archive as they come: writes each, or lays it into the older one, and compares it with the manifest.
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { giveTo } from "../cluster-directory.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";
import { differs, type ManifestFile } from "./backup-manifest.ts";
import { BlockPatcher, patchedPath } from "./block-patcher.ts";
import type { TarEntry, TarSink } from "./tar-entries.ts";

export interface SinkOptions {
  /** Where the files go; absent only verifies. */
  readonly into: { readonly folder: string; readonly owner: ProcessOwner } | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether nothing is laid onto it: only then the log that it brings is of use. */
  readonly isLast: boolean;
  /** Bytes of this archive's files so far. */
  readonly onBytes: (bytes: number) => void;
}

/** The file that says where a backup begins, and what it builds on. */
export const LABEL = "backup_label";
/** It is a few lines, and kept in memory. */
const LABEL_BYTES_MAX = 65_536;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** The server adds the log that the backup itself needs; it is not in the manifest, and replay checks it record by record. */
const isLog = (path: string): boolean => path.startsWith("pg_wal/");

/**
 * A map of the pages whose rows everybody sees. The summaries of the log say when a bit of it is set, not when one is cleared: combined
 * from changes it would show rows that were deleted. It is emptied, which is always right, and filled by the next VACUUM.
 */
const isVisibilityMap = (path: string): boolean => /_vm(?:\.\d+)?$/.test(path);

export class FileSink implements TarSink {
  /** Files of the manifest, as they are called when they are combined. */
  readonly files = new Set<string>();
  readonly folders = new Set<string>();
  readonly #manifest: ReadonlyMap<string, ManifestFile>;
  readonly #older: ReadonlySet<string> | undefined;
  readonly #options: SinkOptions;
  readonly #label: Buffer[] = [];
  #entry: TarEntry | undefined;
  #file: FileHandle | undefined;
  #patcher: BlockPatcher | undefined;
  #hash: Hash | undefined;
  #bytes = 0;

  /** `older`: the files that this archive is laid onto. */
  constructor(
    manifest: ReadonlyMap<string, ManifestFile>,
    older: ReadonlySet<string> | undefined,
    options: SinkOptions,
  ) {
    this.#manifest = manifest;
    this.#older = older;
    this.#options = options;
  }

  get label(): string {
    return Buffer.concat(this.#label).toString("utf8");
  }

  async begin(entry: TarEntry): Promise<void> {
    const { into, signal } = this.#options;
    signal?.throwIfAborted();
    if (entry.kind === "folder") {
      this.folders.add(entry.path);
      if (into !== undefined) await makeFolder(join(into.folder, entry.path), into.owner);
      return;
    }
    if (!this.#manifest.has(entry.path) && !isLog(entry.path)) throw differs(`a file it does not list, ${entry.path}`);
    if (entry.path === LABEL && entry.bytes > LABEL_BYTES_MAX) throw differs(`a ${LABEL} of ${entry.bytes} bytes`);
    this.#entry = entry;
    this.#hash = createHash("sha256");
    const patched = patchedPath(entry.path);
    if (patched === undefined) return this.#beginWhole(entry.path);
    if (this.#older?.has(patched) !== true) throw differs(`changes of ${patched}, and no such file before`);
    if (into !== undefined) this.#file = await open(join(into.folder, patched), "r+");
    if (isVisibilityMap(patched)) await this.#file?.truncate();
    this.#patcher = new BlockPatcher(entry.path, entry.bytes, isVisibilityMap(patched) ? undefined : this.#file);
  }

  async #beginWhole(path: string): Promise<void> {
    const { into, isLast } = this.#options;
    if (into === undefined || (isLog(path) && !isLast)) return;
    const place = join(into.folder, path);
    await makeFolder(dirname(place), into.owner);
    // Nothing is written twice, but over what is older.
    this.#file = await open(place, this.#older?.has(path) === true ? "w" : "wx", PRIVATE_FILE);
    if (into.owner.uid !== undefined && into.owner.gid !== undefined)
      await this.#file.chown(into.owner.uid, into.owner.gid);
  }

  async data(content: Buffer): Promise<void> {
    this.#hash?.update(content);
    this.#bytes += content.length;
    if (this.#entry?.path === LABEL) this.#label.push(Buffer.from(content));
    if (this.#patcher === undefined) await this.#append(content);
    else await this.#patcher.write(content);
    this.#options.onBytes(this.#bytes);
  }

  async #append(content: Buffer): Promise<void> {
    for (let rest = content; this.#file !== undefined && rest.length > 0; ) {
      const { bytesWritten } = await this.#file.write(rest);
      rest = rest.subarray(bytesWritten);
    }
  }

  async end(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    const { path, bytes } = this.#entry as TarEntry;
    const listed = this.#manifest.get(path);
    if (listed === undefined) return;
    if (bytes !== listed.bytes || this.#hash?.digest("hex") !== listed.sha256) throw differs(`another ${path}`);
    this.#patcher?.finish();
    this.#patcher = undefined;
    this.files.add(patchedPath(path) ?? path);
  }

  /** @throws BackupError when something that the manifest lists did not come. */
  finish(): void {
    for (const path of this.#manifest.keys())
      if (!this.files.has(patchedPath(path) ?? path)) throw differs(`no ${path}`);
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
