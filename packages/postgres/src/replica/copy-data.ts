// Copies the data directory of a running server by the replication protocol, every file compared with the manifest that the server
// makes of it. What is copied is a standby's beginning: it goes on from there by streaming.
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import type { ReplicationConnection } from "../backup/replication-connection.ts";
import { giveTo } from "../cluster-directory.ts";
import { differs, parseManifest } from "../restore/backup-manifest.ts";
import { readTar, type TarEntry, type TarSink } from "../restore/tar-entries.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";

/** PostgreSQL 18 §54.4, BASE_BACKUP: the first byte of each message of the stream. */
const MANIFEST = 0x6d;
const DATA = 0x64;
/** Without the log: the standby's slot keeps it. */
const COMMAND =
  "BASE_BACKUP (LABEL 'holdfast standby', CHECKPOINT 'fast', WAL false, MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256')";
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** @throws BackupError when a file is not what the server says it sent, and what pg and the file system throw. */
export async function copyData(connection: ReplicationConnection, folder: string, owner: ProcessOwner): Promise<void> {
  const copy = connection.copyOut(COMMAND);
  const manifest: Buffer[] = [];
  async function* archive(): AsyncGenerator<Buffer> {
    let isManifest = false;
    for await (const message of copy.stream as AsyncIterable<Buffer>) {
      if (message[0] === MANIFEST) isManifest = true;
      if (message[0] !== DATA) continue;
      if (isManifest) manifest.push(message.subarray(1));
      else yield message.subarray(1);
    }
  }
  await mkdir(folder, { mode: PRIVATE_FOLDER });
  await giveTo(owner, folder);
  const sink = new FolderSink(folder, owner);
  try {
    await readTar(archive(), sink);
  } finally {
    await sink.close();
  }
  for (const [path, { sha256 }] of parseManifest(Buffer.concat(manifest))) {
    if (sink.hashes.get(path) !== sha256) throw differs(`another ${path}`);
  }
}

class FolderSink implements TarSink {
  readonly hashes = new Map<string, string>();
  readonly #folder: string;
  readonly #owner: ProcessOwner;
  #file: FileHandle | undefined;
  #hash: Hash = createHash("sha256");
  #path = "";

  constructor(folder: string, owner: ProcessOwner) {
    this.#folder = folder;
    this.#owner = owner;
  }

  async begin(entry: TarEntry): Promise<void> {
    const place = join(this.#folder, entry.path);
    if (entry.kind === "folder") {
      await mkdir(place, { recursive: true, mode: PRIVATE_FOLDER });
      await giveTo(this.#owner, place);
      return;
    }
    this.#path = entry.path;
    this.#hash = createHash("sha256");
    this.#file = await open(place, "wx", PRIVATE_FILE);
    const { uid, gid } = this.#owner;
    if (uid !== undefined && gid !== undefined) await this.#file.chown(uid, gid);
  }

  async data(content: Buffer): Promise<void> {
    this.#hash.update(content);
    for (let rest = content; rest.length > 0; ) {
      const { bytesWritten } = await (this.#file as FileHandle).write(rest);
      rest = rest.subarray(bytesWritten);
    }
  }

  async end(): Promise<void> {
    await this.close();
    this.hashes.set(this.#path, this.#hash.digest("hex"));
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}
