// Chooses what a restore needs: the newest backup that ended before the moment, and the log from there until past the moment.
// Whatever is missing is named before anything is written.

import type { KeyWrapper } from "@holdfast/vault";
import { openChain } from "../backup/backup-chain.ts";
import { type ListedBackup, listBackups } from "../backup/backup-list.ts";
import { type BackupRecord, type OpenedRecord, openRecord } from "../backup/backup-record.ts";
import type { BackupTarget } from "../backup/backup-target.ts";
import { contiguousFrom, LogOpener, type LogRange, readLogPieceName, withLogPieces } from "../backup/log-piece.ts";
import { formatLogPosition, parseLogPosition } from "../backup/log-position.ts";
import { BackupError } from "../error.ts";

export interface RestorePlan {
  readonly backup: OpenedRecord;
  /** What it builds on, the full one first, and itself. */
  readonly chain: readonly OpenedRecord[];
  /** Pieces that follow one another, from where the backup is consistent on. */
  readonly log: readonly LogRange[];
  readonly opener: LogOpener;
  /** Up to when the log reaches, in milliseconds since 1970 by the server's clock. */
  readonly reachesTo: number;
  /** The moment to restore; undefined is the newest there is. */
  readonly to: number | undefined;
  /** The highest timeline in the target: what is restored must begin a higher one. */
  readonly timelineMax: number;
}

export interface PlanOptions {
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** Milliseconds since 1970 by the server's clock; undefined is the newest moment there is. */
  readonly to?: number | undefined;
  /** A certain backup instead of the newest that fits. */
  readonly backup?: string | undefined;
}

/** @throws BackupError when the moment cannot be reached, with the reason. */
export async function planRestore({ target, keys, to, backup }: PlanOptions): Promise<RestorePlan> {
  const record =
    backup === undefined ? await newestBefore(target, keys, to) : (await openRecord(target, keys, backup)).record;
  if (to !== undefined && record.endedAt > to) throw tooEarly(to, record);
  const opened = await openRecord(target, keys, record.id);
  const chain = await openChain(target, keys, opened);
  const opener = new LogOpener(target, keys);
  const log = await withLogPieces(target, record, (pieces) => planLog(record, opener, pieces, to));
  const timelineMax = await highestTimeline(target, record);
  return { backup: opened, chain, ...log, opener, to, timelineMax };
}

async function planLog(
  record: BackupRecord,
  opener: LogOpener,
  pieces: readonly LogRange[],
  to: number | undefined,
): Promise<Pick<RestorePlan, "log" | "reachesTo">> {
  const consistent = parseLogPosition(record.endPosition) ?? 0n;
  const chain = contiguousFrom(pieces, consistent);
  const last = chain.at(-1);
  const reachesTo = last === undefined ? record.endedAt : (await opener.open(record.system, last)).reachesTo;
  // The backup by itself reaches its own end, however far the log behind it goes.
  const newest = Math.max(reachesTo, record.endedAt);
  if (to !== undefined && to > newest) throw unreachable(to, newest, last?.end ?? consistent, pieces);
  return { log: to === undefined ? chain : await until(opener, record.system, chain, to), reachesTo };
}

async function newestBefore(target: BackupTarget, keys: KeyWrapper, to: number | undefined): Promise<BackupRecord> {
  const listed = await listBackups(target, keys);
  const fits = ({ record }: ListedBackup): boolean =>
    record !== undefined && (to === undefined || record.endedAt <= to);
  const found = listed.findLast(fits)?.record;
  if (found !== undefined) return found;
  // One that might have fitted, and why it is none.
  const problem = listed.findLast((each) => each.problem !== undefined)?.problem;
  if (problem !== undefined) throw problem;
  const first = listed.find(({ record }) => record !== undefined)?.record;
  if (first !== undefined && to !== undefined) throw tooEarly(to, first);
  throw new BackupError("backup/none", {
    expected: `a finished backup in ${target.description}`,
    found: "none",
    hint: "`holdfast backup now` makes one.",
  });
}

/** The first pieces of the chain, to the one that reaches the moment. */
async function until(
  opener: LogOpener,
  system: string,
  chain: readonly LogRange[],
  to: number,
): Promise<readonly LogRange[]> {
  // Times grow along the log: the first piece that reaches the moment is found by halving.
  let [low, high] = [0, chain.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { reachesTo } = await opener.open(system, chain[middle] as LogRange);
    if (reachesTo >= to) high = middle;
    else low = middle + 1;
  }
  return chain.slice(0, low + 1);
}

/** Each restore begins one. A restore writes a file for each that lies between, and whoever may write in the target names them. */
const TIMELINES_MAX = 1_000;

async function highestTimeline(target: BackupTarget, { system, timeline }: BackupRecord): Promise<number> {
  let highest = timeline;
  for (const { name } of await target.list(`log/${system}/`)) {
    const found = readLogPieceName(name)?.timeline ?? 0;
    if (found > highest && found <= timeline + TIMELINES_MAX) highest = found;
  }
  return highest;
}

const tooEarly = (to: number, { id, endedAt }: BackupRecord): BackupError =>
  new BackupError("backup/time-unreachable", {
    expected: `a backup that had ended by ${new Date(to).toISOString()}`,
    found: `${id}, which ended at ${new Date(endedAt).toISOString()}`,
    hint: "Choose a later moment; `holdfast backup list` shows which can be reached.",
  });

function unreachable(to: number, reachesTo: number, end: bigint, pieces: readonly LogRange[]): BackupError {
  const next = pieces.find(({ start }) => start > end);
  if (next !== undefined) {
    return new BackupError("backup/log-gap", {
      expected: `the log without a gap until ${new Date(to).toISOString()}`,
      found: `nothing from ${formatLogPosition(end)} to ${formatLogPosition(next.start)}`,
      hint: `Everything until ${new Date(reachesTo).toISOString()} can be restored, and what a newer backup reaches.`,
    });
  }
  return new BackupError("backup/time-unreachable", {
    expected: `an archived log that reaches ${new Date(to).toISOString()}`,
    found: `one that ends at ${new Date(reachesTo).toISOString()}`,
    hint: "Choose an earlier moment, or leave the time out to restore the newest.",
  });
}
