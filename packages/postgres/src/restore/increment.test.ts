// A full backup and two that build on it, on one cluster: combined they are what a full backup of the same moment is.
import { cp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openChain } from "../backup/backup-chain.ts";
import { expireBackups, listBackups } from "../backup/backup-list.ts";
import { type BackupRecord, openRecord } from "../backup/backup-record.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import { type BackupRoom, openBackupRoom } from "../testing/backup-room.ts";
import { chooseProcessOwner } from "../unprivileged-user.ts";
import { unpackBackup } from "./unpack.ts";

/** Nothing is kept beside the newest. */
const EVERYTHING = { keepMs: 0, now: Number.MAX_SAFE_INTEGER, isCounted: () => true };

const ROWS = 20_000;
const TABLES = ["grows", "shrinks", "comes", "stays"];
let rows: unknown;
let room: BackupRoom;
let [full, first, second, whole] = [] as unknown as [BackupRecord, BackupRecord, BackupRecord, BackupRecord];

beforeAll(async () => {
  room = await openBackupRoom();
  const { client } = room;
  await client.query(`
    create table grows (id int primary key, value text);
    create table shrinks (id int primary key, value text);
    create table goes (id int primary key, value text);
    create table stays (id int primary key, value text)`);
  for (const table of ["grows", "shrinks", "goes", "stays"])
    await client.query(`insert into ${table} select i, md5(i::text) from generate_series(1, ${ROWS}) i`);
  await client.query("create database goes_too");
  full = await room.backup();
  await client.query(`insert into grows select i, 'more' from generate_series(${ROWS + 1}, ${2 * ROWS}) i`);
  await client.query(`delete from shrinks where id > ${ROWS / 4}`);
  await client.query("vacuum shrinks");
  first = await room.backup(full.id);
  await client.query("drop table goes; create table comes (id int primary key)");
  await client.query("insert into comes select generate_series(1, 1000)");
  await client.query("drop database goes_too");
  // It is as long as before, of other blocks.
  await client.query(`insert into shrinks select i, 'again' from generate_series(${ROWS + 1}, ${2 * ROWS}) i`);
  // Of pages whose rows everybody saw when the last backup was made.
  await client.query("delete from shrinks where id <= 500");
  await client.query("update stays set value = 'changed' where id = 7");
  rows = await rowsOf(client);
  second = await room.backup(first.id);
  whole = await room.backup();
}, 60_000);
afterAll(() => room.close());

/** What is in the tables, read whole and by their indexes alone. */
async function rowsOf(client: pg.Client): Promise<unknown> {
  const found: unknown[] = [];
  for (const table of TABLES) {
    await client.query("reset enable_seqscan; reset enable_bitmapscan");
    found.push((await client.query(`select md5(string_agg(t::text, ',' order by id)) as hash from ${table} t`)).rows);
    await client.query("set enable_seqscan = off; set enable_bitmapscan = off");
    found.push((await client.query(`select count(*)::int as n from ${table} where id > 0`)).rows);
  }
  return found;
}

/** Every file of the data directory but those that say which backup it is. */
async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    if (!entry.isFile() || path.startsWith("pg_wal/") || path === "backup_label" || path === "global/pg_control")
      continue;
    found.set(path, await readFile(join(folder, path)));
  }
  return found;
}

async function unpacked(name: string, id: string): Promise<string> {
  const { target, keys, folder } = room;
  const chain = await openChain(target, keys, await openRecord(target, keys, id));
  await unpackBackup({ target, chain, into: { folder: join(folder, name), owner: await chooseProcessOwner() } });
  return join(folder, name);
}

test("a chain is combined to the bytes of a full backup, with nothing of what was dropped in between", async () => {
  expect(first.parent).toBe(full.id);
  expect(first.plainBytes).toBeLessThan(full.plainBytes / 2);
  const combined = await filesBelow(await unpacked("combined", second.id));
  const expected = await filesBelow(await unpacked("expected", whole.id));
  expect([...combined.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  const differing = [...expected].filter(([path, content]) => combined.get(path)?.equals(content) !== true);
  // Maps of visibility are emptied where they were not sent whole.
  const maps = differing.filter(([path]) => path.endsWith("_vm") && combined.get(path)?.length === 0);
  expect(differing.map(([path]) => path)).toEqual(maps.map(([path]) => path));
  expect(maps.length).toBeGreaterThan(0);
  const folders = async (name: string) => (await readdir(join(room.folder, name, "base"))).toSorted();
  expect(await folders("combined")).toEqual(await folders("expected"));
  const label = await readFile(join(room.folder, "combined", "backup_label"), "utf8");
  expect(label).toMatch(/^START WAL LOCATION/);
  expect(label).not.toContain("INCREMENTAL");
});

test("PostgreSQL starts from a chain with the rows that were there, through the indexes as well, and amcheck finds nothing", async () => {
  await room.restore("from-chain", { backup: second.id });
  await room.ask("from-chain", async (client) => {
    expect(await rowsOf(client)).toEqual(rows);
    await client.query("create extension amcheck");
    for (const table of TABLES) {
      expect((await client.query("select * from verify_heapam($1)", [table])).rows).toEqual([]);
      await client.query("select bt_index_check($1::regclass, true)", [`${table}_pkey`]);
    }
  });
}, 30_000);

test("a missing, foreign or damaged piece in the middle is refused, listed as broken, and nothing is left", async () => {
  const outcome = async (change: (base: string) => Promise<unknown>): Promise<string> => {
    const folder = join(room.folder, "changed");
    await cp(join(room.folder, "target"), folder, { recursive: true });
    await change(join(folder, "base"));
    const target = await openFolderTarget(folder);
    const said = await room.restore("from-changed", { target, backup: second.id }).then(
      () => "restored",
      ({ code, found }: { code: string; found: string }) => `${code}: ${found}`,
    );
    const listed = (await listBackups(target, room.keys)).find(({ id }) => id === second.id);
    await rm(folder, { recursive: true });
    await rm(join(room.folder, "from-changed"), { recursive: true, force: true });
    return `${said}; listed ${listed?.problem?.code ?? "as whole"}`;
  };
  expect(await outcome((base) => rm(join(base, first.id), { recursive: true }))).toBe(
    `backup/piece-missing: no base/${first.id}/record.json; listed backup/piece-missing`,
  );
  expect(await outcome((base) => rm(join(base, first.id, "piece-00000")))).toMatch(
    /^backup\/piece-missing: .*; listed backup\/piece-missing$/,
  );
  const foreign = async (base: string): Promise<void> => {
    await rm(join(base, first.id), { recursive: true });
    await cp(join(base, whole.id), join(base, first.id), { recursive: true });
  };
  expect(await outcome(foreign)).toMatch(/^backup\/piece-damaged|^backup\/key-wrong/);
  // In its own record everything is genuine; only the pieces are those of another backup.
  const swapped = (base: string): Promise<void> =>
    cp(join(base, whole.id, "piece-00000"), join(base, first.id, "piece-00000"));
  expect(await outcome(swapped)).toMatch(/^backup\/piece-damaged: .*; listed backup\/piece-(damaged|missing)/);
}, 30_000);

test("a server that does not summarise its log, or has none of these summaries, says so; a full backup can be made", async () => {
  const { client } = room;
  await client.query("alter system set summarize_wal = off");
  await client.query("select pg_reload_conf()");
  await expect
    .poll(() => room.backup(whole.id).catch((error: { code: string; found: string }) => [error.code, error.found]))
    .toEqual(["backup/increment-impossible", "summarize_wal = off"]);
  await client.query("alter system reset summarize_wal");
  await client.query("select pg_reload_conf()");
  await expect(room.backup("20200101T000000Z-000000")).rejects.toMatchObject({ code: "backup/unknown" });
});

test("retention keeps what a kept backup builds on, and removes it with the last that does", async () => {
  const { target, keys } = room;
  // Those of one second are listed in any order.
  const ids = async () => (await listBackups(target, keys)).map(({ id }) => id).toSorted();
  await target.remove(`base/${whole.id}/record.json`);
  const after = await room.backup(second.id);
  expect(await expireBackups(target, await listBackups(target, keys), EVERYTHING)).toMatchObject({ backups: [] });
  expect(await ids()).toEqual([full.id, first.id, second.id, after.id].toSorted());
  await unpacked("after", after.id);
  const last = await room.backup();
  const { backups } = await expireBackups(target, await listBackups(target, keys), EVERYTHING);
  expect(backups.toSorted()).toEqual([full.id, first.id, second.id, after.id].toSorted());
  expect(await ids()).toEqual([last.id]);
}, 30_000);
