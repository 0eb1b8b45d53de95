// One gigabyte: a backup and its restore drill, beside pgBackRest from Debian on the same rows (PostgreSQL 15, which is what Debian's
// pgBackRest comes with), both compressed and encrypted. Goals of the plan: 15 s, 30 s, and 1.2 × pgBackRest.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listBackups, openDrillCopy } from "@holdfast/postgres";
import { type BackupRoom, openBackupRoom } from "@holdfast/postgres/testing";
import type { Figure } from "./main.ts";

export const name = "Backups of one gigabyte";

const ROWS = Number(process.env["HOLDFAST_BENCH_ROWS"] ?? "5000000");
const ROUNDS = 2;
/** One of so many rows is deleted after the moment that each round restores. */
const SHARE = 1_000;
const BACKUP_SECONDS_MAX = 15;
const DRILL_SECONDS_MAX = 30;
const RATIO_MAX = 1.2;
const GIGABYTE = 1_000_000_000;
const FILL = `create table things as
  select i as id, md5(i::text) as a, repeat(md5((i * 7)::text), 3) as b, now() as at from generate_series(1, ${ROWS}) i;
  alter table things add primary key (id)`;
const PROGRAMS = "/usr/lib/postgresql/15/bin";
const PGBACKREST = "/usr/bin/pgbackrest";

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1000;
};

const least = (values: readonly number[]): number => Math.min(...values);

export async function run(report: (line: string) => void): Promise<readonly Figure[]> {
  const peer = await openPeer(report);
  const room = await openBackupRoom({ max_wal_size: "4GB" });
  const backups: number[] = [];
  const drills: number[] = [];
  const peers: number[] = [];
  const increments: number[] = [];
  try {
    await room.client.query(FILL);
    await peer?.fill();
    const archiver = room.archiver();
    let stored = "";
    for (let round = 0; round < ROUNDS; round += 1) {
      if (peer !== undefined) peers.push(await seconds(async () => peer.backup()));
      let record: Awaited<ReturnType<typeof room.backup>> | undefined;
      backups.push(await seconds(async () => void (record = await room.backup())));
      if (record === undefined) continue;
      await room.client.query("update things set b = '' where id % 1000 = 0");
      const to = await room.now();
      await room.client.query(`delete from things where id % ${SHARE} = ${round + 1}`);
      await room.archived(archiver);
      const { target, keys, cluster, folder } = room;
      const options = { target, keys, to, scratch: join(folder, `drill-${round}`), settings: cluster.settings };
      drills.push(
        await seconds(async () => {
          const copy = await openDrillCopy(options);
          try {
            const { faults } = await copy.pageFaults(["postgres"]);
            const client = await copy.administrator("postgres");
            const { rows } = await client.query("select count(*)::int as n from things");
            await client.end();
            if (faults.length > 0 || rows[0]?.n !== ROWS - (round * ROWS) / SHARE)
              throw new Error("the copy is not what it was");
          } finally {
            await copy.close();
          }
        }),
      );
      stored = `${(record.plainBytes / GIGABYTE).toFixed(2)} GB, stored as ${(record.storedBytes / GIGABYTE).toFixed(3)} GB (zstd 1, AES-256-GCM)`;
    }
    report(stored);
    const { ratio, told } = await increment(room, Math.min(...backups));
    increments.push(ratio);
    report(told);
    if (peer !== undefined)
      report(`pgBackRest stores ${((await peer.storedBytes()) / GIGABYTE).toFixed(3)} GB (gz 1, aes-256-cbc)`);
  } finally {
    await room.close();
    await peer?.close();
  }
  const figures: Figure[] = [
    goal("seconds of a backup", least(backups), BACKUP_SECONDS_MAX),
    goal("seconds of a restore drill (files, hashes, replay, amcheck, count)", least(drills), DRILL_SECONDS_MAX),
  ];
  figures.push(
    ...increments.map((ratio) => goal("incremental backup of 1 % changed rows ÷ full backup, time", ratio, 1)),
  );
  if (peers.length > 0)
    figures.push(goal("backup ÷ pgBackRest's full backup", least(backups) / least(peers), RATIO_MAX));
  return figures;
}

/** What one in a hundred rows, side by side, costs when only what has changed is copied. */
async function increment(room: BackupRoom, fullSeconds: number): Promise<{ ratio: number; told: string }> {
  const full = (await listBackups(room.target, room.keys)).at(-1)?.record;
  if (full === undefined) throw new Error("there is no full backup");
  await room.client.query(`update things set b = 'changed' where id <= ${ROWS / 100}`);
  let record = full;
  const took = await seconds(async () => void (record = await room.backup(full.id)));
  const size = (bytes: number): string => `${(bytes / GIGABYTE).toFixed(4)} GB`;
  return {
    ratio: took / fullSeconds,
    told: `incremental: ${size(record.plainBytes)}, stored as ${size(record.storedBytes)}, in ${took.toFixed(2)} s`,
  };
}

const goal = (figure: string, value: number, max: number): Figure => ({
  figure,
  value,
  goal: `≤ ${max}`,
  met: value <= max,
});

interface Peer {
  fill(): Promise<void>;
  backup(): void;
  storedBytes(): Promise<number>;
  close(): Promise<void>;
}

/** Its log is not archived, which is in its favour. A PostgreSQL 15 with the same rows and a pgBackRest beside it, run as `postgres`; undefined where they are not installed. */
async function openPeer(report: (line: string) => void): Promise<Peer | undefined> {
  if (!existsSync(PROGRAMS) || !existsSync(PGBACKREST) || process.getuid?.() !== 0) {
    report("NOT COMPARED: pgbackrest and postgresql-15 of Debian are missing, or this is not root");
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "holdfast-pgbackrest-"));
  await chmod(folder, 0o777);
  const asPostgres = (command: string): void => {
    const { status, stderr, stdout } = spawnSync("su", ["postgres", "-s", "/bin/sh", "-c", command], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${command.slice(0, 80)}: ${stderr}${stdout}`.slice(0, 500));
  };
  const data = join(folder, "data");
  const conf = join(folder, "pgbackrest.conf");
  const backrest = (words: string): string =>
    `pgbackrest --config=${conf} --stanza=main --log-level-console=error --log-level-file=off --lock-path=${folder}/lock ${words}`;
  await writeFile(
    conf,
    `[global]\nrepo1-path=${folder}/repo\nrepo1-cipher-type=aes-256-cbc\nrepo1-cipher-pass=abcdefghijklmnop\ncompress-type=gz\ncompress-level=1\nprocess-max=2\nstart-fast=y\narchive-check=n\n[main]\npg1-path=${data}\npg1-socket-path=${folder}\npg1-port=5999\n`,
    { mode: 0o644 },
  );
  asPostgres(`${PROGRAMS}/initdb -D ${data} --data-checksums --no-sync > /dev/null`);
  asPostgres(
    `${PROGRAMS}/pg_ctl -D ${data} -w -l ${folder}/log -o "-p 5999 -k ${folder} -c listen_addresses= -c fsync=off -c autovacuum=off -c max_wal_size=4GB -c archive_mode=on -c archive_command=/bin/true" start > /dev/null`,
  );
  return {
    async fill() {
      asPostgres(`psql -h ${folder} -p 5999 -q -c "${FILL}"`);
      asPostgres(backrest("stanza-create"));
    },
    backup: () => asPostgres(backrest("--type=full backup")),
    async storedBytes() {
      const [newest] = (await readdir(join(folder, "repo/backup/main")))
        .filter((each) => /^\d{8}-/.test(each))
        .toSorted()
        .reverse();
      return bytesBelow(join(folder, "repo/backup/main", newest ?? ""));
    },
    async close() {
      asPostgres(`${PROGRAMS}/pg_ctl -D ${data} -m immediate stop > /dev/null`);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function bytesBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
