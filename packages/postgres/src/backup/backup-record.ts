// What is known of one base backup, kept beside its pieces. It is written last: a backup without it was not finished. It is
// authenticated with the backup's own key, so that nobody without the keyring can change a word of it unnoticed.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { KeyWrapper, SealContext } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import type { BackupTarget } from "./backup-target.ts";
import { streamKey } from "./sealed-stream.ts";

export interface BackupPiece {
  readonly bytes: number;
  /** SHA-256 of the sealed bytes, in hexadecimal. */
  readonly sha256: string;
}

export interface BackupRecord {
  readonly format: 1;
  /** For example 20261124T131500Z-3f9a01. */
  readonly id: string;
  /** The backup it builds on: it holds only the blocks that have changed since. Absent when it is full. */
  readonly parent?: string;
  /** PostgreSQL's identifier of the cluster, decimal. */
  readonly system: string;
  readonly timeline: number;
  /** Where in the write-ahead log replay begins, and from where on the copy is consistent. */
  readonly startPosition: string;
  readonly endPosition: string;
  /** Milliseconds since 1970 by the server's clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** For example "18.4". */
  readonly serverVersion: string;
  readonly segmentBytes: number;
  /** The database it was asked through, and the cluster's first superuser: what a drill connects with. */
  readonly database: string;
  readonly administrator: string;
  /** Bytes of the data directory, and stored. */
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly compression: "zstd";
  readonly pieces: readonly BackupPiece[];
  readonly manifest: BackupPiece;
  /** The data key, wrapped, in base64. */
  readonly wrappedKey: string;
}

export const BACKUP_ID = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;
const PIECE_DIGITS = 5;

export const recordName = (id: string): string => `base/${id}/record.json`;
export const manifestName = (id: string): string => `base/${id}/manifest`;
export const pieceName = (id: string, index: number): string =>
  `base/${id}/piece-${String(index).padStart(PIECE_DIGITS, "0")}`;

/** What a backup's data key is wrapped for. */
export const keyContext = (id: string, system: string): SealContext => ({ purpose: "backup", backup: id, system });

const macOf = (dataKey: Buffer, id: string, text: string): Buffer =>
  createHmac("sha256", streamKey(dataKey, `record ${id}`))
    .update(text)
    .digest();

/** The record as it is stored. */
export function sealRecord(record: BackupRecord, dataKey: Buffer): Buffer {
  const text = JSON.stringify(record);
  return Buffer.from(JSON.stringify({ record: text, mac: macOf(dataKey, record.id, text).toString("base64") }));
}

/** A record that is genuine, with the data key of its backup. */
export interface OpenedRecord {
  readonly record: BackupRecord;
  readonly dataKey: Buffer;
}

/** Reads one backup's record and checks that it is what was written. @throws BackupError */
export async function openRecord(target: BackupTarget, keys: KeyWrapper, id: string): Promise<OpenedRecord> {
  const stored = BACKUP_ID.test(id) ? await target.get(recordName(id)) : undefined;
  if (stored === undefined) {
    throw new BackupError("backup/unknown", {
      expected: `a finished backup ${id.slice(0, 40)} in ${target.description}`,
      found: "none",
      hint: "`holdfast backup list` names those that are there.",
    });
  }
  const { text, mac, record } = parseStored(stored, id);
  const dataKey = await unwrapKey(keys, record);
  const expected = macOf(dataKey, id, text);
  if (mac.length !== expected.length || !timingSafeEqual(mac, expected) || record.id !== id)
    throw alteredRecord(id, "words that were changed");
  return { record, dataKey };
}

function parseStored(stored: Buffer, id: string): { text: string; mac: Buffer; record: BackupRecord } {
  try {
    const outer = JSON.parse(stored.toString("utf8")) as { readonly record: string; readonly mac: string };
    const record = JSON.parse(outer.record) as BackupRecord;
    if (record.format !== 1 || typeof record.wrappedKey !== "string") throw new TypeError("another format");
    return { text: outer.record, mac: Buffer.from(outer.mac, "base64"), record };
  } catch (cause) {
    throw alteredRecord(id, "something that cannot be read", cause);
  }
}

async function unwrapKey(keys: KeyWrapper, record: BackupRecord): Promise<Buffer> {
  try {
    return await keys.unwrap(Buffer.from(record.wrappedKey, "base64"), keyContext(record.id, record.system));
  } catch (cause) {
    throw wrongKey(`backup ${record.id}`, cause);
  }
}

/** The error for whatever was sealed under a keyring that is not this one. */
export const wrongKey = (what: string, cause: unknown): BackupError =>
  new BackupError("backup/key-wrong", {
    expected: `the keyring that ${what} was sealed with`,
    found: "one that does not open its key",
    hint: "Restore the vault (or name the key management service) of the deployment that made the backup.",
    cause,
  });

const alteredRecord = (id: string, found: string, cause?: unknown): BackupError =>
  new BackupError("backup/piece-damaged", {
    expected: `the record of backup ${id} as it was written`,
    found,
    hint: "Use another backup, and find out who or what changed this one.",
    cause,
  });
