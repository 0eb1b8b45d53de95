// What is in a target: which backups are whole, which moments can be reached, and what nobody needs any more.

import type { KeyWrapper } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import { misfit } from "./backup-chain.ts";
import { BACKUP_ID, type BackupRecord, manifestName, openRecord, pieceName, recordName } from "./backup-record.ts";
import type { BackupTarget, StoredObject } from "./backup-target.ts";
import { contiguousFrom, LogOpener, type LogRange, listLogPieces, logPieceName, withLogPieces } from "./log-piece.ts";
import { parseLogPosition } from "./log-position.ts";

export interface ListedBackup {
  readonly id: string;
  /** The record, when it is genuine; else why it is not. */
  readonly record: BackupRecord | undefined;
  readonly problem: BackupError | undefined;
}

/** The finished backups, oldest first by the log, each with its record opened. @throws BackupError when the target cannot be listed. */
export async function listBackups(target: BackupTarget, keys: KeyWrapper): Promise<readonly ListedBackup[]> {
  const objects = await target.list("base/");
  const sizes = new Map(objects.map(({ name, bytes }) => [name, bytes]));
  const listed: ListedBackup[] = [];
  for (const id of finishedIds(objects)) {
    try {
      const { record } = await openRecord(target, keys, id);
      refuseMissingPieces(record, sizes);
      listed.push({ id, record, problem: undefined });
    } catch (problem) {
      if (!(problem instanceof BackupError)) throw problem;
      listed.push({ id, record: undefined, problem });
    }
  }
  return inLogOrder(listed).map((each) => withoutBrokenChain(each, listed));
}

/**
 * Ids begin with a second: two backups of the same one stand in any order, and a clock may be set back. Backups of one timeline change
 * places until they stand as the log does, whose positions only grow. What is not readable stays where its id puts it.
 */
export function inLogOrder(listed: readonly ListedBackup[]): readonly ListedBackup[] {
  const ordered = [...listed];
  const timelineAt = ({ record }: ListedBackup): string => `${record?.system}/${record?.timeline}`;
  for (const places of Map.groupBy(listed.keys(), (place) => timelineAt(listed[place] as ListedBackup)).values()) {
    const members = places.map((place) => listed[place] as ListedBackup);
    members.sort((one, other) => Number(startOf(one) - startOf(other)));
    for (const [index, place] of places.entries()) ordered[place] = members[index] as ListedBackup;
  }
  return ordered;
}

const startOf = ({ record }: ListedBackup): bigint => parseLogPosition(record?.startPosition ?? "") ?? 0n;

/** What builds on something that is not whole is not whole either. */
function withoutBrokenChain(backup: ListedBackup, all: readonly ListedBackup[]): ListedBackup {
  for (let { record } = backup; record?.parent !== undefined; ) {
    const child = record;
    const parent = all.find(({ id }) => id === child.parent);
    record = parent?.record;
    const found = record === undefined ? (parent?.problem?.found ?? "none") : misfit(record, child);
    if (found === undefined) continue;
    const problem = new BackupError(record === undefined ? "backup/piece-missing" : "backup/piece-damaged", {
      expected: `the backup ${child.parent} that ${child.id} builds on`,
      found,
      hint: "Use a backup that does not build on it, and find out who or what changed the target.",
    });
    return { id: backup.id, record: undefined, problem };
  }
  return backup;
}

function finishedIds(objects: readonly StoredObject[]): readonly string[] {
  const ids = objects.map(({ name }) => /^base\/([^/]+)\/record\.json$/.exec(name)?.[1]);
  return ids.filter((id) => id !== undefined && BACKUP_ID.test(id)) as string[];
}

/** Presence and sizes, which a listing tells; content is verified when it is read. */
function refuseMissingPieces(record: BackupRecord, sizes: ReadonlyMap<string, number>): void {
  const expected = record.pieces.map((piece, index) => [pieceName(record.id, index), piece.bytes] as const);
  for (const [name, bytes] of [...expected, [manifestName(record.id), record.manifest.bytes] as const]) {
    const found = sizes.get(name);
    if (found === bytes) continue;
    throw new BackupError(found === undefined ? "backup/piece-missing" : "backup/piece-damaged", {
      expected: `${name} with ${bytes} bytes`,
      found: found === undefined ? "nothing under its name" : `${found} bytes`,
      hint: "Use another backup, and find out who or what changed the target.",
    });
  }
}

/** From when to when every moment can be reached, in milliseconds since 1970 by the server's clock. */
export interface RecoverableRange {
  readonly backup: string;
  readonly from: number;
  readonly to: number;
}

/** What each whole backup makes reachable with the log that follows it. Neighbours that touch are one range. */
export async function recoverableRanges(
  target: BackupTarget,
  keys: KeyWrapper,
  backups: readonly ListedBackup[],
): Promise<readonly RecoverableRange[]> {
  const opener = new LogOpener(target, keys);
  const ranges: RecoverableRange[] = [];
  const known = new Map<string, readonly LogRange[]>();
  for (const { record } of backups) {
    if (record === undefined) continue;
    const to = Math.max(record.endedAt, await reachOf(record, target, opener, known));
    const before = ranges.at(-1);
    if (before !== undefined && before.to >= record.endedAt) ranges.pop();
    const merged = before !== undefined && before.to >= record.endedAt;
    ranges.push(merged ? { ...before, to: Math.max(before.to, to) } : { backup: record.id, from: record.endedAt, to });
  }
  return ranges;
}

/** Up to when the log behind a backup goes; 0 where there is none, or it is not whole. */
async function reachOf(
  record: BackupRecord,
  target: BackupTarget,
  opener: LogOpener,
  known: Map<string, readonly LogRange[]>,
): Promise<number> {
  const place = `${record.system}/${record.timeline}`;
  const reach = async (pieces: readonly LogRange[]): Promise<number> => {
    known.set(place, pieces);
    const last = contiguousFrom(pieces, parseLogPosition(record.endPosition) ?? 0n).at(-1);
    return last === undefined ? 0 : (await opener.open(record.system, last)).reachesTo;
  };
  const listed = known.get(place);
  // Pieces that were listed may be part of longer ones by now: then they are listed anew.
  const again = (): Promise<number> => withLogPieces(target, record, reach);
  return (listed === undefined ? again() : reach(listed).catch(again)).catch(() => 0); // Not whole: not counted.
}

export interface Expiry {
  readonly backups: readonly string[];
  readonly objects: number;
}

export interface ExpiryOptions {
  readonly keepMs: number;
  /** Milliseconds since 1970 by our own clock. */
  readonly now: number;
  /** Whether a backup was proven: nothing is removed in favour of one that was not. */
  readonly isCounted: (id: string) => boolean;
}

/**
 * Removes what is not needed to reach any moment of the last `keepMs` before the newest backup. Time is the earlier of the backups'
 * own and ours: a server that says another time, one clock that jumped, or backups that stopped being made expire nothing, and no log
 * goes that a backup needs which stays. What a kept backup builds on stays with it, and what is locked until its lock ends.
 */
export async function expireBackups(
  target: BackupTarget,
  backups: readonly ListedBackup[],
  { keepMs, now, isCounted }: ExpiryOptions,
): Promise<Expiry> {
  const sound = backups.flatMap(({ record }) => (record === undefined ? [] : [record]));
  const newest = sound.findLast((record) => isCounted(record.id));
  if (newest === undefined) return { backups: [], objects: 0 };
  const horizon = Math.min(newest.endedAt, now) - keepMs;
  const anchor = sound.findLast((record) => record.endedAt <= horizon && isCounted(record.id));
  if (anchor === undefined) return { backups: [], objects: 0 };
  const built = ancestorsOf(
    sound.filter((record) => record.endedAt >= anchor.endedAt),
    sound,
  );
  const expired = sound.filter((record) => record.endedAt < anchor.endedAt && !built.has(record.id));
  let objects = 0;
  const remove = async (name: string): Promise<void> => {
    await target.remove(name);
    objects += 1;
  };
  for (const record of expired) {
    await remove(recordName(record.id)); // First: without it the rest is nothing that anybody would restore.
    for (let index = 0; index < record.pieces.length; index += 1) await remove(pieceName(record.id, index));
    await remove(manifestName(record.id));
  }
  const staying = sound.filter(
    ({ system, timeline, endedAt }) =>
      system === anchor.system && timeline === anchor.timeline && endedAt >= anchor.endedAt,
  );
  const needed = staying
    .map(({ startPosition }) => parseLogPosition(startPosition) ?? 0n)
    .reduce((one, other) => (other < one ? other : one));
  for (const piece of await listLogPieces(target, anchor.system, anchor.timeline))
    if (piece.end <= needed) await remove(logPieceName(anchor.system, piece));
  return { backups: expired.map(({ id }) => id), objects };
}

/** Everything that these build on. */
function ancestorsOf(kept: readonly BackupRecord[], all: readonly BackupRecord[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { parent: first } of kept)
    for (let id = first; id !== undefined && !found.has(id); ) {
      found.add(id);
      id = all.find((record) => record.id === id)?.parent;
    }
  return found;
}

/** Removes the pieces of backups that were begun and never finished. Call it while no backup is under way. */
export async function removeUnfinished(target: BackupTarget): Promise<number> {
  const objects = await target.list("base/");
  const finished = new Set(finishedIds(objects));
  const left = objects.filter(({ name }) => !finished.has(name.split("/")[1] ?? ""));
  for (const { name } of left) await target.remove(name);
  return left.length;
}
