// Lays the archived log into pg_wal as the segments it was cut from.
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { segmentFileName } from "../backup/log-position.ts";
import { giveTo } from "../cluster-directory.ts";
import type { ProcessOwner } from "../unprivileged-user.ts";
import type { RestorePlan } from "./restore-plan.ts";

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** Writes every piece of the plan. @throws BackupError for a piece that is not as it was, and what the file system throws. */
export async function writeLog(
  plan: RestorePlan,
  data: string,
  owner: ProcessOwner,
  onProgress: (pieces: number, of: number) => void,
): Promise<void> {
  const folder = join(data, "pg_wal");
  await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
  await giveTo(owner, folder);
  const { record } = plan.backup;
  for (const [index, range] of plan.log.entries()) {
    const content = await plan.opener.openRange(record.system, range);
    await writeRange(folder, record, range.start, content, owner);
    onProgress(index + 1, plan.log.length);
  }
  // A file of each timeline that exists elsewhere makes PostgreSQL begin one that does not. Their content is never read.
  for (let timeline = record.timeline + 1; timeline <= plan.timelineMax; timeline += 1) {
    const path = join(folder, historyFileName(timeline));
    await (await open(path, "w", PRIVATE_FILE)).close();
    await giveTo(owner, path);
  }
}

export const historyFileName = (timeline: number): string =>
  `${timeline.toString(16).toUpperCase().padStart(8, "0")}.history`;

interface Segments {
  readonly timeline: number;
  readonly segmentBytes: number;
}

async function writeRange(
  folder: string,
  { timeline, segmentBytes }: Segments,
  start: bigint,
  content: Buffer,
  owner: ProcessOwner,
): Promise<void> {
  const segment = BigInt(segmentBytes);
  for (let at = 0; at < content.length; ) {
    const position = start + BigInt(at);
    const offset = Number(position % segment);
    const part = content.subarray(at, at + segmentBytes - offset);
    const path = join(folder, segmentFileName(timeline, position, segment));
    const file = await open(path, "r+").catch(() => open(path, "wx+", PRIVATE_FILE)); // Not there yet.
    try {
      const { size } = await file.stat();
      if (size < segmentBytes) await file.truncate(segmentBytes); // The rest is zeros, which end the log.
      await file.write(part, 0, part.length, offset);
    } finally {
      await file.close();
    }
    await giveTo(owner, path);
    at += part.length;
  }
}
