// Backups in a bucket, against moto: stored, listed, restored, locked, and what somebody changed there is refused.

import { openS3Target, type S3Options, startLogArchiver, takeBaseBackup } from "@holdfast/postgres";
import { type BackupRoom, openBackupRoom } from "@holdfast/postgres/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const endpoint = process.env["HOLDFAST_TEST_S3"] ?? "";
const options: S3Options = {
  endpoint,
  region: "us-east-1",
  bucket: "backups",
  prefix: "content/",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};
let room: BackupRoom;

beforeAll(async () => {
  for (const bucket of ["backups", "locked"]) {
    const made = await fetch(`${endpoint}/${bucket}`, {
      method: "PUT",
      headers: bucket === "locked" ? { "x-amz-bucket-object-lock-enabled": "true" } : {},
    });
    expect(made.status).toBe(200);
  }
  room = await openBackupRoom();
}, 60_000);
afterAll(() => room.close());

test("a backup and the log behind it are restored from a bucket, and a changed piece is refused", async () => {
  const target = await openS3Target(options);
  const { settings, keys, client } = room;
  const archiver = startLogArchiver({ settings, target, keys, storeWithinMs: 20 });
  try {
    await client.query("create table things as select i as id from generate_series(1, 1000) i");
    const { id } = await takeBaseBackup({ settings, target, keys });
    await client.query("insert into things select 0");
    await room.archived(archiver);
    const names = (await target.list("base/")).map(({ name }) => name);
    expect(names).toEqual([`base/${id}/manifest`, `base/${id}/piece-00000`, `base/${id}/record.json`]);
    await room.restore("copy", { target });
    expect(
      await room.ask("copy", async (copy) => (await copy.query("select count(*)::int as n from things")).rows[0].n),
    ).toBe(1001);
    const piece = (await target.get(`base/${id}/piece-00000`)) as Buffer;
    piece[100] = (piece[100] as number) ^ 1;
    await target.put(`base/${id}/piece-00000`, piece);
    await expect(room.restore("another", { target })).rejects.toMatchObject({ code: "backup/piece-damaged" });
  } finally {
    await archiver.stop();
  }
}, 120_000);

test("a locked object cannot be removed before its time, an unlocked one can", async () => {
  const locked = await openS3Target({ ...options, bucket: "locked", objectLock: { mode: "COMPLIANCE", days: 1 } });
  await locked.put("base/a", Buffer.from("a"));
  await locked.remove("base/a"); // S3 hides it behind a marker; its version stays.
  const versions = await (await fetch(`${endpoint}/locked?versions`)).text();
  const version = /<VersionId>([^<]+)<\/VersionId>[\s\S]*?<\/Version>/.exec(versions)?.[1] ?? "";
  const removed = await fetch(`${endpoint}/locked/content/base/a?versionId=${version}`, { method: "DELETE" });
  expect(removed.ok).toBe(false);
  const open = await openS3Target(options);
  await open.put("base/b", Buffer.from("b"));
  await open.remove("base/b");
  expect(await open.get("base/b")).toBeUndefined();
}, 60_000);

test("a bucket that is not there is named", async () => {
  await expect(openS3Target({ ...options, bucket: "nowhere" })).rejects.toMatchObject({
    code: "backup/target-unusable",
    found: "404 NoSuchBucket",
  });
});
