// A data directory that cannot be written, tried for real: another user's, a disk that is mounted read-only, and one that is
// full. Root may write anywhere, so the first runs as nobody; the others need the right to mount, which containers often lack.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "./source-tree.ts";

const RUN_MS_MAX = 90_000;
const NOBODY_ID = 65_534;
/** Enough for a cluster and its write-ahead log. */
const DISK_MIB = 400;
/** Too little for a cluster. */
const SMALL_DISK_MIB = 16;
const KIB = 1024;
const entry = join(root, "packages/cli/src/main.ts");
const isRoot = process.getuid?.() === 0;

let folder: string;
let data: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-data-"));
  chmodSync(folder, 0o755);
  data = join(folder, ".holdfast");
  for (const file of ["security.ts", "deployment.ts"]) {
    writeFileSync(
      join(folder, file),
      `export { default } from ${JSON.stringify(join(root, "examples/content", file))};\n`,
    );
  }
});

afterEach(() => {
  running?.kill("SIGKILL");
  running = undefined;
  spawnSync("umount", ["--lazy", data]);
  rmSync(folder, { recursive: true, force: true });
});

async function up(who: { uid?: number; gid?: number } = {}, untilReady = false) {
  const port = await freePort();
  const words = ["--conditions=holdfast-source", entry, "up", folder, "--port", String(port), "--no-prove"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"], cwd: root, ...who });
  running = child;
  let output = "";
  let isStopping = false;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (part: Buffer) => {
      output += String(part);
      if (!untilReady || isStopping || !output.includes("Ctrl-C stops everything")) return;
      isStopping = true;
      child.kill("SIGINT");
    });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, output };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Every file with what is in it. */
function contentOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => {
      const path = join(file.parentPath, file.name);
      return `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
    })
    .sort();
}

function mountDisk(mebibytes: number): boolean {
  mkdirSync(data, { recursive: true, mode: 0o711 });
  return spawnSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=711`, "tmpfs", data]).status === 0;
}

/** Whether a disk can be mounted here; said aloud where not, since then what follows is not tried. */
function mayMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), "holdfast-mount-"));
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", place]);
  if (status === 0) spawnSync("umount", [place]);
  else console.warn("NOT TRIED: read-only and full disks, since nothing may be mounted here.");
  rmSync(place, { recursive: true, force: true });
  return status === 0;
}

/** Whether an unprivileged user can read this checkout at all. */
function canNobodyRead(): boolean {
  const asNobody = { uid: NOBODY_ID, gid: NOBODY_ID, cwd: "/" };
  const status = isRoot ? spawnSync("test", ["-r", entry], asNobody).status : 1;
  if (isRoot && status !== 0)
    console.warn("NOT TRIED: the folder of another user, since nobody may read this checkout.");
  return status === 0;
}

function fillDisk(leaveBytes: number): string {
  const file = join(data, "filling");
  spawnSync("dd", ["if=/dev/zero", `of=${file}`, "bs=1M"]);
  if (leaveBytes > 0) truncateSync(file, readFileSync(file).length - leaveBytes);
  return file;
}

describe("a data directory that cannot be written", () => {
  test.skipIf(!canNobodyRead())(
    "of another user is refused with its place, and nothing is made or changed in it",
    async () => {
      const nobody = { uid: NOBODY_ID, gid: NOBODY_ID };
      const missing = await up(nobody);
      expect(missing.output).toContain("cli/data-unwritable");
      expect(missing.output).toContain(data);
      expect([missing.code, readdirSync(folder).sort()]).toEqual([3, ["deployment.ts", "security.ts"]]);
      mkdirSync(data, { mode: 0o555 });
      writeFileSync(join(data, "lock"), "1", { mode: 0o600 });
      const before = contentOf(folder);
      const foreign = await up(nobody);
      expect(foreign.output).toContain("cli/data-unwritable");
      expect([foreign.code, contentOf(folder)]).toEqual([3, before]);
      expect(foreign.output).not.toMatch(/\n\s+at /);
    },
    RUN_MS_MAX,
  );

  test.skipIf(!isRoot || !mayMount())(
    "on a disk that is read-only or full is refused, the data stays as it was, and starts again afterwards",
    async () => {
      expect(mountDisk(DISK_MIB)).toBe(true);
      expect((await up({}, true)).code).toBe(0);
      const before = contentOf(data);

      spawnSync("mount", ["-o", "remount,ro", data]);
      const readOnly = await up();
      expect(readOnly.output).toContain("read-only file system");
      expect([readOnly.code, readOnly.output.includes("cli/data-unwritable")]).toEqual([3, true]);
      expect(contentOf(data)).toEqual(before);
      spawnSync("mount", ["-o", "remount,rw", data]);

      for (const [room, code] of [
        [0, "cli/data-unwritable"],
        [64 * KIB, "cluster/disk-full"],
      ] as const) {
        const filling = fillDisk(room);
        const full = await up();
        expect(full.output).toMatch(/no space left on device/i);
        expect(full.output, "nobody is told to throw good data away").not.toContain("data-damaged");
        expect([full.code, full.output.includes(code)]).toEqual([3, true]);
        rmSync(filling);
        expect(readdirSync(data)).not.toContain("lock");
      }
      expect((await up({}, true)).code).toBe(0);
    },
    2 * RUN_MS_MAX,
  );

  test.skipIf(!isRoot || !mayMount())(
    "on a disk too small for a first start says so, and leaves no half-made cluster",
    async () => {
      expect(mountDisk(SMALL_DISK_MIB)).toBe(true);
      const { code, output } = await up();
      expect(output).toContain("No space left on device");
      expect([code, output.includes("cluster/initialisation-failed")]).toEqual([3, true]);
      expect(readdirSync(join(data, "postgres")).filter((name) => name.startsWith("data"))).toEqual([]);
    },
    RUN_MS_MAX,
  );
});
