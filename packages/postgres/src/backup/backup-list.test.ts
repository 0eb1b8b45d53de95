import { expect, test } from "vitest";
import { inLogOrder, type ListedBackup } from "./backup-list.ts";
import type { BackupRecord } from "./backup-record.ts";

const backup = (id: string, startPosition: string, timeline = 1, system = "7"): ListedBackup => ({
  id,
  record: { id, system, timeline, startPosition } as BackupRecord,
  problem: undefined,
});
const unreadable = (id: string): ListedBackup => ({ id, record: undefined, problem: undefined });
const idsOf = (listed: readonly ListedBackup[]): readonly string[] => listed.map(({ id }) => id);

test("backups stand as their ids do while the clock only goes on", () => {
  const listed = [backup("01", "0/2000028"), unreadable("02"), backup("03", "0/A000028"), backup("04", "1/0")];
  expect(inLogOrder(listed)).toEqual(listed);
});

test("one that was made in the same second, or after the clock was set back, is the newest all the same, and what is unreadable keeps its place", () => {
  const listed = [backup("01", "0/A000028"), unreadable("02"), backup("03", "0/2000028"), backup("04", "0/4000028")];
  expect(idsOf(inLogOrder(listed))).toEqual(["03", "02", "04", "01"]);
});

test("positions of another timeline or another cluster say nothing", () => {
  const listed = [backup("01", "0/A000028"), backup("02", "0/2000028", 2), backup("03", "0/3000028", 1, "8")];
  expect(inLogOrder(listed)).toEqual(listed);
});
