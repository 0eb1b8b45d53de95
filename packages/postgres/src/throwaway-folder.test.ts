import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { makeThrowawayFolder } from "./throwaway-folder.ts";

const TOO_MUCH = Number.MAX_SAFE_INTEGER;
const PREFIX = "holdfast-throwaway-";
const made: string[] = [];

async function placeOf(bytes: number, memory?: string): Promise<string> {
  const folder = await makeThrowawayFolder(PREFIX, bytes, memory);
  made.push(folder);
  return dirname(folder);
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

test.runIf(existsSync("/dev/shm"))("a folder that nobody keeps is in memory where there is room", async () => {
  vi.stubEnv("TMPDIR", undefined);
  expect(await placeOf(1)).toBe("/dev/shm");
});

test("without room, or without such a file system, it is where the system keeps temporary files", async () => {
  vi.stubEnv("TMPDIR", undefined);
  expect(await placeOf(TOO_MUCH)).toBe(tmpdir());
  expect(await placeOf(1, "/nowhere")).toBe(tmpdir());
  expect(await placeOf(1, "/proc")).toBe(tmpdir());
});

test("whoever names a place for temporary files has it there", async () => {
  vi.stubEnv("TMPDIR", import.meta.dirname);
  expect(await placeOf(1)).toBe(import.meta.dirname);
});
