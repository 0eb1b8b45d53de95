// Backups of a PostgreSQL that somebody else runs, through DATABASE_URL: made and archived where the server lets us, and a clear
// word where it does not.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectGiven,
  ensureBackupRole,
  type GivenCluster,
  listBackups,
  openFolderTarget,
  recoverableRanges,
  restoreBackup,
  startLogArchiver,
  takeBaseBackup,
} from "@holdfast/postgres";
import { testKeys } from "@holdfast/postgres/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";

const keys = testKeys("a keyring");
let folder: string;
let cluster: GivenCluster;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-given-"));
  cluster = await connectGiven(process.env["DATABASE_URL"] ?? "");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function asAdministrator(text: string): Promise<void> {
  const client = new pg.Client(cluster.settings(cluster.database));
  await client.connect();
  await client.query(text).finally(() => client.end());
}

test("a given server is copied and its log archived; another major version is not restored by ours", async () => {
  const settings = await ensureBackupRole(cluster, "a password of the backup role");
  const target = await openFolderTarget(join(folder, "target"));
  const archiver = startLogArchiver({ settings, target, keys, storeWithinMs: 20, slot: "holdfast_interop" });
  try {
    const record = await takeBaseBackup({ settings, target, keys });
    expect(record.serverVersion).toBe(cluster.version);
    if (Number.parseInt(cluster.version, 10) < 17)
      await expect(takeBaseBackup({ settings, target, keys, parent: record.id })).rejects.toMatchObject({
        code: "backup/increment-impossible",
        expected: "PostgreSQL 17 or later",
      });
    await asAdministrator("create table if not exists archived (id int); drop table archived");
    await expect
      .poll(async () => (await recoverableRanges(target, keys, await listBackups(target, keys)))[0]?.to ?? 0, {
        timeout: 20_000,
      })
      .toBeGreaterThan(record.endedAt);
    const restored = restoreBackup({ target, keys, into: join(folder, "copy") });
    if (cluster.version.startsWith("18.")) await restored;
    else await expect(restored).rejects.toMatchObject({ code: "restore/version-mismatch" });
  } finally {
    await archiver.stop();
    await asAdministrator("select pg_drop_replication_slot('holdfast_interop')");
    await asAdministrator(
      `revoke all on database "${cluster.database}" from holdfast_backup; drop role holdfast_backup`,
    );
  }
}, 60_000);

test("a role that may not replicate is told so, with whom to hand over to", async () => {
  await asAdministrator("create role no_backups login password 'a password'");
  try {
    const settings = cluster.settings(cluster.database, { user: "no_backups", password: "a password" });
    const target = await openFolderTarget(join(folder, "none"));
    await expect(takeBaseBackup({ settings, target, keys })).rejects.toMatchObject({
      code: "backup/not-allowed",
      hint: expect.stringMatching(/pgBackRest, WAL-G or a cloud/),
    });
  } finally {
    await asAdministrator("drop role no_backups");
  }
});
