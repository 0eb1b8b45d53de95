import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testKeys } from "../testing/test-keys.ts";
import { listBackups, removeUnfinished } from "./backup-list.ts";
import { type BackupTarget, OBJECT_BYTES_MAX } from "./backup-target.ts";
import { openFolderTarget } from "./folder-target.ts";

// Somebody else may write where backups lie: what they put there is at most no backup.
let folder: string;
let root: string;
let outside: string;
let target: BackupTarget;
const id = "20261124T131500Z-3f9a01";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-target-"));
  [root, outside] = [join(folder, "target"), join(folder, "outside")];
  await mkdir(outside);
  await writeFile(join(outside, "precious"), "somebody's");
  target = await openFolderTarget(root);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: { code?: string }) => error.code ?? String(error),
  );

test("a link in the place of a folder leads nowhere: nothing is read, written or removed behind it", async () => {
  await symlink(outside, join(root, "base"));
  expect(await code(removeUnfinished(target))).toBe("backup/target-unusable");
  expect(await code(target.get("base/precious"))).toBe("backup/target-unusable");
  expect(await code(target.put("base/more", Buffer.from("x")))).toBe("backup/target-unusable");
  expect(await code(target.remove("base/precious"))).toBe("backup/target-unusable");
  expect(await readdir(outside)).toEqual(["precious"]);
  await target.put("log/1", Buffer.from("x"));
  expect(await target.list("log/")).toEqual([{ name: "log/1", bytes: 1 }]);
});

test("a link, a pipe or a device in the place of an object is no object, and nobody waits for it", async () => {
  await target.put(`base/${id}/piece-00000`, Buffer.from("x"));
  const place = join(root, "base", id);
  await symlink(join(outside, "precious"), join(place, "record.json"));
  execFileSync("mkfifo", [join(place, "manifest")]);
  for (const name of ["record.json", "manifest"])
    expect(await code(target.get(`base/${id}/${name}`))).toBe("backup/target-unusable");
  await rm(join(place, "record.json"));
  await symlink("/dev/zero", join(place, "record.json"));
  expect(await code(target.get(`base/${id}/record.json`))).toBe("backup/target-unusable");
  expect((await target.list("base/")).map(({ name }) => name)).toEqual([`base/${id}/piece-00000`]);
});

test("an object that is larger than any of ours is not read into memory, and is a damaged backup", async () => {
  await target.put(`base/${id}/record.json`, Buffer.from("x"));
  await truncate(join(root, "base", id, "record.json"), OBJECT_BYTES_MAX + 1);
  expect(await listBackups(target, testKeys("a keyring"))).toMatchObject([
    { id, record: undefined, problem: { code: "backup/target-unusable", found: expect.stringContaining("bytes") } },
  ]);
});
