// What happens to machines: processes are killed, disks are full or read-only. A few rounds here, hundreds in `npm run fuzz`.
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { takeBaseBackup } from "../backup/base-backup.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import { openCluster } from "../cluster.ts";
import { faultsOfArchive, faultsOfRestore, faultsOfTarget, KILLED_SLOT, killOnce } from "../testing/backup-kills.ts";
import { type BackupRoom, openBackupRoom } from "../testing/backup-room.ts";
import { randomFrom } from "../testing/random-from.ts";

const KILLS = Number(process.env["HOLDFAST_FUZZ_KILLS"] ?? "1");
const random = randomFrom(Number(process.env["HOLDFAST_SEED"] ?? "1"));
/** Also the next that must succeed, on a busy machine. */
const KILL_MS_MAX = 60_000;
/** Some are done before they are killed. */
const ROUNDS_PER_KILL_MAX = 10;
/** Too little for a cluster, or for its backup. */
const SMALL_DISK = "3m";
const isRoot = process.getuid?.() === 0;

let room: BackupRoom;
beforeAll(async () => {
  room = await openBackupRoom();
  await room.client.query(
    "create table things as select i as id, md5(i::text) as value from generate_series(1, 50000) i",
  );
  await room.backup();
}, 60_000);
afterAll(() => room.close());

/** Runs the work on a disk of a few MiB; undefined where nothing may be mounted. */
async function onDisk(name: string, option: string, work: (folder: string) => Promise<unknown>): Promise<unknown> {
  const folder = join(room.folder, name);
  await mkdir(folder);
  await chmod(folder, 0o755);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", option, "tmpfs", folder]).status !== 0) {
    console.warn("NOT TRIED: full and read-only disks, since nothing may be mounted here.");
    return undefined;
  }
  try {
    return await work(folder);
  } finally {
    spawnSync("umount", ["--lazy", folder]);
  }
}

/** Kills the work until that came before its end `KILLS` times, and looks after each time. */
async function killed(
  work: "backup" | "restore" | "archive",
  faults: (said: string) => Promise<readonly string[]>,
): Promise<void> {
  let kills = 0;
  for (let round = 0; kills < KILLS && round < KILLS * ROUNDS_PER_KILL_MAX; round += 1) {
    const { wasKilled, said } = await killOnce(room, work, random);
    if (wasKilled) kills += 1;
    expect(await faults(said), `after ${kills} kills`).toEqual([]);
  }
  expect(kills).toBe(KILLS);
}

test(
  `a backup that is killed leaves nothing that counts (${KILLS} times)`,
  () => killed("backup", () => faultsOfTarget(room)),
  KILLS * KILL_MS_MAX,
);

test(
  `a restore that is killed leaves no cluster, and the next one succeeds (${KILLS} times)`,
  () => killed("restore", () => faultsOfRestore(room)),
  KILLS * KILL_MS_MAX,
);

test(
  `an archiver that is killed leaves no gap and nothing half stored, and what it archived can be restored (${KILLS} times)`,
  async () => {
    const { system } = await room.backup();
    await room.client.query("create table written (id int primary key)");
    let written = 0;
    let isOver = false;
    const writer = await room.connect();
    const writing = (async () => {
      while (!isOver) await writer.query("insert into written values ($1)", [(written += 1)]);
    })();
    try {
      await killed("archive", async (said) => (said.includes("gap") ? ["a gap"] : faultsOfArchive(room, system)));
    } finally {
      isOver = true;
      await writing;
      await writer.end();
    }
    const archiver = room.archiver({ slot: KILLED_SLOT });
    await room.archived(archiver);
    await archiver.stop();
    await room.restore("whole");
    const found = await room.ask("whole", async (client) => client.query("select count(*)::int as n from written"));
    expect(found.rows[0].n).toBe(written);
  },
  KILLS * KILL_MS_MAX,
);

test.skipIf(!isRoot)(
  "a full disk stops a backup and a restore, and neither leaves anything",
  async () => {
    const outcome = await onDisk("small", `size=${SMALL_DISK}`, async (folder) => {
      const target = await openFolderTarget(join(folder, "target"));
      const { settings, keys } = room;
      await expect(takeBaseBackup({ settings, target, keys })).rejects.toMatchObject({ code: "backup/target-full" });
      expect(await target.list("")).toEqual([]);
      await expect(room.restore(join("small", "copy"))).rejects.toMatchObject({ code: "restore/disk-full" });
      expect(await readdir(folder)).toEqual(["target"]);
      return "tried";
    });
    expect([undefined, "tried"]).toContain(outcome);
  },
  60_000,
);

test.skipIf(!isRoot)(
  "a read-only disk is named, and nothing is left on it",
  async () => {
    const outcome = await onDisk("read-only", "ro", async (folder) => {
      await expect(openFolderTarget(join(folder, "target"))).rejects.toMatchObject({ code: "backup/target-unusable" });
      await expect(room.restore(join("read-only", "copy"))).rejects.toMatchObject({ code: "restore/place-unwritable" });
      return "tried";
    });
    expect([undefined, "tried"]).toContain(outcome);
  },
  60_000,
);

test("a primary that is killed loses nothing that was archived, and the archive goes on without a gap", async () => {
  const own = await openBackupRoom({ synchronous_standby_names: "holdfast_archive", synchronous_commit: "local" });
  const gaps: string[] = [];
  try {
    await own.client.query("create table acknowledged (id int primary key)");
    own.archiver({ storeWithinMs: 0, onChange: ({ kind }) => gaps.push(kind) });
    await own.backup();
    // From here on a commit waits until it is archived.
    await expect.poll(() => gaps.includes("running"), { timeout: 10_000 }).toBe(true);
    await own.client.query("set synchronous_commit = on");
    let acknowledged = 0;
    const pid = Number((await readFile(join(own.folder, "source", "data", "postmaster.pid"), "utf8")).split("\n")[0]);
    setTimeout(() => process.kill(pid, "SIGKILL"), 300);
    for (;;) {
      const done = await own.client.query("insert into acknowledged values ($1)", [acknowledged + 1]).then(
        () => true,
        () => false, // The primary is gone.
      );
      if (!done) break;
      acknowledged += 1;
    }
    expect(acknowledged).toBeGreaterThan(0);
    const again = await openCluster({
      directory: join(own.folder, "source"),
      superuserPassword: "a password of the tests",
      serverSettings: { fsync: "off", max_connections: "20" },
    }).catch((error: unknown) => error as Error);
    // The directory belongs to this process already; restoring needs only the target.
    if (!(again instanceof Error)) await again.stop();
    await own.restore("after");
    const found = await own.ask(
      "after",
      async (client: pg.Client) => (await client.query("select count(*)::int as n from acknowledged")).rows[0].n,
    );
    expect(found).toBeGreaterThanOrEqual(acknowledged);
    expect(gaps).not.toContain("gap");
  } finally {
    await own.close().catch(() => undefined); // Its cluster was killed.
  }
}, 60_000);
