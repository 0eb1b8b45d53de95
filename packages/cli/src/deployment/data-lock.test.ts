import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockData } from "./data-lock.ts";
import { findRunning, removeRunning, writeRunning } from "./running.ts";

let folder: string;
const record = {
  origin: "https://localhost:8443",
  port: 8443,
  startedAt: 0,
  issuer: "https://localhost:8443/auth/v1",
  upstreams: [],
  database: { kind: "embedded" as const, name: "x", version: "18", host: "/x", port: 5432 },
};

/** The id of a process that has just ended. */
const deadPid = (): number => spawnSync("true").pid;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("one process per data directory", () => {
  test("a second start is refused while the first one lives", () => {
    const lock = lockData(folder);
    expect(() => lockData(folder)).toThrowError(/in use by process/);
    lock.release();
    lockData(folder).release();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  test("the lock of a process that was killed is taken over", () => {
    writeFileSync(join(folder, "lock"), String(deadPid()));
    lockData(folder).release();
  });

  test("a data directory that cannot be written says so", () => {
    writeFileSync(join(folder, "file"), "not a folder");
    expect(() => lockData(join(folder, "file"))).toThrowError(expect.objectContaining({ code: "cli/data-unwritable" }));
  });
});

describe("finding what runs", () => {
  test("a deployment of a living process is found, and not after it has stopped", () => {
    writeRunning(folder, { ...record, pid: process.pid });
    expect(findRunning(folder)?.origin).toBe("https://localhost:8443");
    removeRunning(folder);
    expect(findRunning(folder)).toBeUndefined();
  });

  test("the record of a killed process, and a damaged record, count as nothing running", () => {
    writeRunning(folder, { ...record, pid: deadPid() });
    expect(findRunning(folder)).toBeUndefined();
    writeFileSync(join(folder, "running.json"), '{"pid":');
    expect(findRunning(folder)).toBeUndefined();
  });
});
