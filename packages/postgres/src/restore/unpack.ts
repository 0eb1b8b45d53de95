// Writes a backup's files into an empty data directory, and compares each with PostgreSQL's manifest while it is written. Of a chain
// the full backup comes first; what changed since is laid into its files, and what is gone since is removed, backup by backup.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OpenedRecord } from "../backup/backup-record.ts";
import type { BackupTarget } from "../backup/backup-target.ts";
import { parseLogPosition } from "../backup/log-position.ts";
import { readArchive, readManifest } from "../backup/piece-reader.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";
import { differs, parseManifest } from "./backup-manifest.ts";
import { FileSink, LABEL, type SinkOptions } from "./file-sink.ts";
import { readTar } from "./tar-entries.ts";

export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

export interface UnpackOptions {
  readonly target: BackupTarget;
  /** The full backup first, then each that builds on the one before. */
  readonly chain: readonly OpenedRecord[];
  /** Where the files go; absent only verifies. */
  readonly into?: { readonly folder: string; readonly owner: ProcessOwner };
  readonly onProgress?: (bytes: number, about: number) => void;
  readonly signal?: AbortSignal;
}

/** @throws BackupError for whatever is not as it was, and what the file system throws. */
export async function unpackBackup({ target, chain, into, onProgress, signal }: UnpackOptions): Promise<Unpacked> {
  const about = chain.reduce((sum, { record }) => sum + record.plainBytes, 0);
  let bytes = 0;
  let before: FileSink | undefined;
  for (const [index, opened] of chain.entries()) {
    const done = bytes;
    const sink = await unpackOne(target, opened, before, {
      into,
      signal,
      isLast: index === chain.length - 1,
      onBytes: (more) => {
        bytes = done + more;
        onProgress?.(bytes, about);
      },
    });
    refuseOtherBase(sink.label, chain[index - 1]);
    if (into !== undefined && before !== undefined) await removeGone(into.folder, before, sink);
    before = sink;
  }
  if (into !== undefined && chain.length > 1) await writeFullLabel(into.folder);
  return { files: before?.files.size ?? 0, bytes };
}

async function unpackOne(
  target: BackupTarget,
  opened: OpenedRecord,
  before: FileSink | undefined,
  options: SinkOptions,
): Promise<FileSink> {
  const sink = new FileSink(parseManifest(await readManifest(target, opened)), before?.files, options);
  try {
    await readTar(readArchive(target, opened), sink);
    sink.finish();
    return sink;
  } finally {
    await sink.close();
  }
}

/** What PostgreSQL itself wrote of what it compared with must be what we lay it onto (read_backup_label in pg_combinebackup). */
function refuseOtherBase(label: string, base: OpenedRecord | undefined): void {
  const [, found] = /^INCREMENTAL FROM LSN: (\S+)$/m.exec(label) ?? [];
  const expected = base?.record.startPosition;
  const [one, other] = [found, expected].map((each) => (each === undefined ? undefined : parseLogPosition(each)));
  if (one !== other) throw differs(`a backup on top of ${found ?? "nothing"} instead of ${expected ?? "nothing"}`);
}

async function removeGone(folder: string, before: FileSink, now: FileSink): Promise<void> {
  for (const path of before.files) if (!now.files.has(path)) await rm(join(folder, path), { force: true });
  for (const path of before.folders)
    if (!now.folders.has(path)) await rm(join(folder, path), { recursive: true, force: true });
}

/** PostgreSQL starts from nothing that says it is incremental, and this is no more. */
async function writeFullLabel(folder: string): Promise<void> {
  const path = join(folder, LABEL);
  const text = await readFile(path, "utf8");
  await writeFile(path, text.replace(/^INCREMENTAL FROM (?:LSN|TLI): .*\n/gm, ""));
}
