// Drills are kept beside the backups they prove, so that whoever restores elsewhere sees what was proven. Only genuine ones count.
import type { BackupTarget } from "@holdfast/postgres";
import type { DrillReport, SignedDrill } from "./backup-status.ts";
import type { DrillSigner } from "./drill-report.ts";

const FOLDER = "drills/";
/** A report is some kilobytes; whatever else lies there is not read. */
const DRILL_BYTES_MAX = 1_048_576;

export interface StoredDrill {
  readonly report: DrillReport;
  readonly signed: SignedDrill;
}

const nameOf = ({ id }: DrillReport): string => `${FOLDER}${id}.json`;

/** Signs the report and stores it. */
export async function storeDrill(target: BackupTarget, signer: DrillSigner, report: DrillReport): Promise<StoredDrill> {
  const signed = signer.sign(report);
  await target.put(nameOf(report), Buffer.from(JSON.stringify(signed)));
  return { report, signed };
}

/** Every genuine drill in the target, oldest first. */
export async function readDrills(
  target: BackupTarget,
  signer: DrillSigner,
  known: ReadonlyMap<string, StoredDrill>,
): Promise<ReadonlyMap<string, StoredDrill>> {
  const drills = new Map<string, StoredDrill>();
  for (const { name, bytes } of await target.list(FOLDER)) {
    if (bytes > DRILL_BYTES_MAX) continue;
    const drill = known.get(name) ?? (await readDrill(target, signer, name));
    if (drill !== undefined) drills.set(name, drill);
  }
  return new Map([...drills].toSorted(([, one], [, other]) => one.report.startedAt - other.report.startedAt));
}

async function readDrill(target: BackupTarget, signer: DrillSigner, name: string): Promise<StoredDrill | undefined> {
  const content = await target.get(name);
  if (content === undefined) return undefined;
  try {
    const signed = JSON.parse(content.toString("utf8")) as SignedDrill;
    const report = signer.open(signed);
    // Under another name it would speak of another backup.
    return report === undefined || nameOf(report) !== name ? undefined : { report, signed };
  } catch {
    return undefined; // Not one of ours.
  }
}

/** The backups whose newest drill passed. */
export function provenIn(drills: ReadonlyMap<string, StoredDrill>): ReadonlySet<string> {
  const proven = new Set<string>();
  for (const { report } of drills.values()) {
    if (report.result === "passed") proven.add(report.backup);
    else proven.delete(report.backup);
  }
  return proven;
}

/** Removes the drills of backups that are gone. */
export async function removeDrills(target: BackupTarget, backups: readonly string[]): Promise<void> {
  for (const { name } of await target.list(FOLDER))
    if (backups.some((id) => name.startsWith(`${FOLDER}${id}.`))) await target.remove(name);
}
