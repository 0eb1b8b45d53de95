// An incremental backup with everything it builds on: the full one first, each of the same cluster and timeline, and each begun after
// the one before.
import type { KeyWrapper } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import { type BackupRecord, type OpenedRecord, openRecord, recordName } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { parseLogPosition } from "./log-position.ts";

/** More are not built on one another: each is one more that must not be lost, and restoring takes longer by each. */
export const CHAIN_BACKUPS_MAX = 100;

/** @throws BackupError when one of them is missing, damaged, or of elsewhere. */
export async function openChain(
  target: BackupTarget,
  keys: KeyWrapper,
  newest: OpenedRecord,
): Promise<readonly OpenedRecord[]> {
  const chain = [newest];
  for (let first = newest; first.record.parent !== undefined; ) {
    const parent = await openParent(target, keys, first.record);
    const fault = chain.length === CHAIN_BACKUPS_MAX ? "too many" : misfit(parent.record, first.record);
    if (fault !== undefined) throw broken("backup/piece-damaged", first.record, fault);
    chain.unshift(parent);
    first = parent;
  }
  return chain;
}

async function openParent(target: BackupTarget, keys: KeyWrapper, child: BackupRecord): Promise<OpenedRecord> {
  try {
    return await openRecord(target, keys, child.parent as string);
  } catch (cause) {
    if (!(cause instanceof BackupError) || cause.code !== "backup/unknown") throw cause;
    throw broken("backup/piece-missing", child, `no ${recordName(child.parent as string)}`);
  }
}

/** Why the one cannot be what the other builds on; undefined when it can. */
export function misfit(parent: BackupRecord, child: BackupRecord): string | undefined {
  if (parent.system !== child.system) return `${parent.id}, a backup of another cluster`;
  if (parent.timeline !== child.timeline) return `${parent.id}, a backup of another timeline`;
  const [before, after] = [parent.startPosition, child.startPosition].map((each) => parseLogPosition(each) ?? 0n);
  return (before as bigint) < (after as bigint) ? undefined : `${parent.id}, which was begun later`;
}

const broken = (
  code: "backup/piece-damaged" | "backup/piece-missing",
  child: BackupRecord,
  found: string,
): BackupError =>
  new BackupError(code, {
    expected: `the backup ${child.parent} that ${child.id} builds on`,
    found,
    hint: "Use a backup that does not build on it, and find out who or what changed the target.",
  });
