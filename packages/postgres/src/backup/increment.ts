// What an incremental backup needs of the server and of the backup it builds on (PostgreSQL 18 §54.4, UPLOAD_MANIFEST).
import type { KeyWrapper } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import { CHAIN_BACKUPS_MAX, openChain } from "./backup-chain.ts";
import { openRecord } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { readManifest } from "./piece-reader.ts";
import type { SourceServer } from "./source-server.ts";

/** The size for which files are combined again. */
export const BLOCK_BYTES = 8_192;
const NOT_IN_PREREQUISITE_STATE = "55000";

/** Gives the server the manifest of the backup that it shall compare with. @throws BackupError */
export async function prepareIncrement(
  source: SourceServer,
  target: BackupTarget,
  keys: KeyWrapper,
  id: string,
): Promise<void> {
  if (source.isLogSummarised === undefined) throw impossible("PostgreSQL 17 or later", `PostgreSQL ${source.version}`);
  if (!source.isLogSummarised) throw impossible("summarize_wal = on", "summarize_wal = off");
  if (source.blockBytes !== BLOCK_BYTES)
    throw impossible(`blocks of ${BLOCK_BYTES} bytes`, `blocks of ${source.blockBytes} bytes`);
  const parent = await openRecord(target, keys, id);
  const { system, timeline } = parent.record;
  if (system !== source.system) throw impossible("a backup of this cluster to build on", `${id}, of another one`);
  if (timeline !== source.timeline)
    throw impossible(`a backup of timeline ${source.timeline} to build on`, `${id}, of timeline ${timeline}`);
  const chain = await openChain(target, keys, parent);
  if (chain.length >= CHAIN_BACKUPS_MAX)
    throw impossible(`fewer than ${CHAIN_BACKUPS_MAX} backups that build on one another`, `${chain.length}`);
  await source.connection.copyIn("UPLOAD_MANIFEST", await readManifest(target, parent));
}

/** The server has no summaries of the log since then: it was told to summarise later, or has removed them. */
export function whyNoIncrement(cause: unknown): unknown {
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  return code === NOT_IN_PREREQUISITE_STATE
    ? impossible("summaries of the log since the backup to build on", (message ?? "").slice(0, 200), cause)
    : cause;
}

const impossible = (expected: string, found: string, cause?: unknown): BackupError =>
  new BackupError("backup/increment-impossible", {
    expected,
    found,
    hint: "Make a full backup. Incremental ones need PostgreSQL 17, summarize_wal = on, and a full one made since then.",
    cause,
  });
