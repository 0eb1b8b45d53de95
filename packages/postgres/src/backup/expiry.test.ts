import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { expireBackups, type ListedBackup } from "./backup-list.ts";
import { type BackupRecord, recordName } from "./backup-record.ts";
import type { BackupTarget } from "./backup-target.ts";
import { openFolderTarget } from "./folder-target.ts";
import { logPieceName } from "./log-piece.ts";
import { formatLogPosition } from "./log-position.ts";

const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-11-24T12:00:00Z");
const SYSTEM = "7000000000000000001";
const PIECE = 0x1000000n;

let folder: string;
let target: BackupTarget;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-expiry-"));
  target = await openFolderTarget(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A backup each: which piece of the log it began in, and when it ended by the server's clock, in days from now. */
async function backups(...made: readonly (readonly [piece: number, endedDays: number])[]): Promise<ListedBackup[]> {
  const listed: ListedBackup[] = [];
  for (const [piece, endedDays] of made) {
    const id = `202611${String(listed.length + 1).padStart(2, "0")}T120000Z-3f9a01`;
    const record = {
      id,
      system: SYSTEM,
      timeline: 1,
      startPosition: formatLogPosition(BigInt(piece) * PIECE),
      endedAt: NOW + endedDays * DAY_MS,
      pieces: [],
    } as unknown as BackupRecord;
    await target.put(recordName(id), Buffer.from("record"));
    listed.push({ id, record, problem: undefined });
  }
  for (let piece = 0n; piece < 40n; piece += 1n)
    await target.put(
      logPieceName(SYSTEM, { timeline: 1, start: piece * PIECE, end: (piece + 1n) * PIECE }),
      Buffer.from("log"),
    );
  return listed;
}

const left = async (): Promise<{ backups: number; firstPiece: number }> => {
  const [first] = await target.list("log/");
  const start = /\/([0-9A-F]+)-/.exec(first?.name ?? "")?.[1] ?? "0";
  return { backups: (await target.list("base/")).length, firstPiece: Number(BigInt(`0x${start}`) / PIECE) };
};

const expire = (listed: readonly ListedBackup[], isCounted: (id: string) => boolean = () => true) =>
  expireBackups(target, listed, { keepMs: 30 * DAY_MS, now: NOW, isCounted });

test("what no moment of the time that is kept needs goes, with the log before it", async () => {
  const listed = await backups([1, -45], [5, -40], [10, -31], [20, -10], [30, 0]);
  expect((await expire(listed)).backups).toHaveLength(2);
  expect(await left()).toEqual({ backups: 3, firstPiece: 10 });
});

test("a server whose clock runs ahead, or that says so, expires nothing", async () => {
  await expire(await backups([10, -20], [20, -10], [25, -1], [30, 365], [31, 366]));
  expect(await left()).toEqual({ backups: 5, firstPiece: 0 });
});

test("a server that says a new backup was an old one takes no log from those that stay", async () => {
  await expire(await backups([10, -20], [20, -10], [25, -1], [30, -31], [31, 0]));
  expect(await left()).toEqual({ backups: 5, firstPiece: 10 });
});

test("nothing goes in favour of a backup that nobody restored", async () => {
  const listed = await backups([1, -45], [5, -40], [10, -31], [20, -10], [30, 0]);
  await expire(listed, (id) => id !== listed[2]?.id);
  expect(await left()).toEqual({ backups: 4, firstPiece: 5 });
});
