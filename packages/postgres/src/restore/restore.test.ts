// One cluster for the whole file: a base backup, the log behind it, and everything that can be wrong with them.
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BackupRecord } from "../backup/backup-record.ts";
import type { BackupTarget } from "../backup/backup-target.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import type { LogArchiver } from "../backup/log-archiver.ts";
import { LogOpener, readLogPieceName } from "../backup/log-piece.ts";
import { type BackupRoom, openBackupRoom } from "../testing/backup-room.ts";
import { testKeys } from "../testing/test-keys.ts";
import { openDrillCopy } from "./drill-copy.ts";
import { planRestore } from "./restore-plan.ts";

const ROWS = 5_000;
let room: BackupRoom;
let archiver: LogArchiver;
let first: BackupRecord;
/** Just before the disaster. */
let sound: number;
let digest: string;

const DIGEST =
  "select md5(string_agg(id || ':' || value, ',' order by id)) as digest, count(*)::int as rows from things";

beforeAll(async () => {
  room = await openBackupRoom();
  await room.client.query(
    `create table things (id int primary key, value text not null);
     insert into things select i, md5(i::text) from generate_series(1, ${ROWS}) i`,
  );
  archiver = room.archiver();
  first = await room.backup();
  await room.client.query("update things set value = 'changed ' || value where id % 3 = 0");
  digest = (await room.client.query(DIGEST)).rows[0].digest;
  sound = await room.now();
  await new Promise((resolve) => setTimeout(resolve, 30));
  await room.client.query("delete from things where id > 10");
  await room.archived(archiver);
}, 60_000);
afterAll(() => room.close());

test("a disaster is undone: the data is what it was a moment before", async () => {
  const steps = new Set<string>();
  const restored = await room.restore("before", { to: sound, onProgress: ({ step }) => steps.add(step) });
  expect([...steps]).toEqual(["files", "log", "replay"]);
  expect(restored.backup.id).toBe(first.id);
  expect(restored.lastCommitAt).toBeLessThanOrEqual(sound);
  expect(restored.lastCommitAt).toBeGreaterThan(sound - 10_000);
  const asked = await room.ask("before", async (client) => {
    await client.query("create extension amcheck");
    await client.query(
      "select bt_index_check(c.oid, true) from pg_class c join pg_am a on a.oid = c.relam where a.amname = 'btree'",
    );
    const { rows: damage } = await client.query("select * from verify_heapam('things')");
    await client.query("insert into things values (-1, 'it is a cluster of its own')");
    return { damage, ...(await client.query(DIGEST.replace("from things", "from things where id > 0"))).rows[0] };
  });
  expect(asked).toEqual({ damage: [], digest, rows: ROWS });
});

test("a moment before the first backup, or after the archive's end, is refused by name", async () => {
  await expect(room.restore("never", { to: first.endedAt - 60_000 })).rejects.toMatchObject({
    code: "backup/time-unreachable",
    found: expect.stringContaining(first.id),
  });
  await expect(room.restore("never", { to: (await room.now()) + 60_000 })).rejects.toMatchObject({
    code: "backup/time-unreachable",
    found: expect.stringContaining("ends at"),
  });
  expect(await readdir(room.folder)).not.toContain("never");
});

test("a folder that holds something is left as it is", async () => {
  await mkdir(join(room.folder, "mine"));
  await writeFile(join(room.folder, "mine", "letter"), "dear");
  await expect(room.restore("mine")).rejects.toMatchObject({ code: "restore/place-taken" });
  await expect(room.restore("source")).rejects.toMatchObject({ code: "restore/place-taken" });
  expect(await readdir(join(room.folder, "mine"))).toEqual(["letter"]);
});

test("pieces of log that the archiver joins after they were listed are found in the longer one", async () => {
  await room.client.query("insert into things values (-2, 'a part of its own')");
  await room.archived(archiver);
  const before = await room.target.list("log/");
  await room.client.query("select pg_switch_wal()");
  await room.client.query("insert into things values (-3, 'behind it')");
  await room.archived(archiver);
  const after = new Set((await room.target.list("log/")).map(({ name }) => name));
  const joined = before.map(({ name }) => name).filter((name) => !after.has(name));
  expect(joined).not.toEqual([]);
  const ranges = joined.flatMap((name) => readLogPieceName(name) ?? []);
  const opener = new LogOpener(room.target, room.keys);
  for (const range of ranges) {
    await expect(opener.open(first.system, range)).rejects.toMatchObject({ code: "backup/piece-missing" });
    expect(await opener.openRange(first.system, range)).toHaveLength(Number(range.end - range.start));
  }
  let isStale = true;
  const list: BackupTarget["list"] = async (prefix) => {
    if (!isStale || !prefix.startsWith("log/")) return room.target.list(prefix);
    isStale = false;
    return before;
  };
  const plan = await planRestore({ target: { ...room.target, list }, keys: room.keys });
  expect(isStale).toBe(false);
  expect(plan.log.at(-1)?.end).toBeGreaterThan(ranges.at(-1)?.end ?? 0n);
});

describe("a target that somebody changed", () => {
  let copies = 0;
  /** A copy of the target with one thing wrong, restored from. */
  async function restoredAfter(change: (folder: string) => Promise<void>, secret = "a keyring"): Promise<string> {
    const folder = join(room.folder, `changed-${++copies}`);
    await cp(join(room.folder, "target"), folder, { recursive: true });
    await change(folder);
    const into = `from-changed-${copies}`;
    const outcome = await room
      .restore(into, { target: await openFolderTarget(folder), keys: testKeys(secret), to: sound })
      .then(
        () => "restored",
        (error: { code: string; found: string }) => `${error.code}: ${error.found}`,
      );
    await rm(folder, { recursive: true });
    if (outcome !== "restored") expect(await readdir(room.folder)).not.toContain(into);
    return outcome;
  }
  const pieceOf = (folder: string, name = "piece-00000"): string => join(folder, "base", first.id, name);
  async function flip(path: string, at: number): Promise<void> {
    const content = await readFile(path);
    content[at < 0 ? content.length + at : at] = (content[at < 0 ? content.length + at : at] as number) ^ 1;
    await writeFile(path, content);
  }
  const logFiles = async (folder: string): Promise<string[]> => {
    const below = join(folder, "log", first.system, "00000001");
    return (await readdir(below)).toSorted().map((name) => join(below, name));
  };
  /** The piece that holds what the backup needs to reach the moment. */
  const neededLog = async (folder: string): Promise<string> => {
    const end = first.endPosition
      .split("/")
      .map((part) => part.padStart(8, "0"))
      .join("");
    return (await logFiles(folder)).findLast((path) => (path.split("/").at(-1) ?? "").slice(0, 16) <= end) as string;
  };

  test("unchanged, it is restored: the pair of all that follow", async () => {
    expect(await restoredAfter(async () => undefined)).toBe("restored");
  });
  test("one bit of a piece, of the manifest, of the record, of the log", async () => {
    expect(await restoredAfter((folder) => flip(pieceOf(folder), 1_000))).toMatch(
      /^backup\/piece-damaged: other bytes/,
    );
    expect(await restoredAfter((folder) => flip(pieceOf(folder, "manifest"), 50))).toMatch(/^backup\/piece-damaged/);
    expect(await restoredAfter((folder) => flip(pieceOf(folder, "record.json"), 200))).toMatch(
      /^backup\/(piece-damaged|key-wrong)/,
    );
    expect(await restoredAfter(async (folder) => flip(await neededLog(folder), -20))).toMatch(/^backup\/piece-damaged/);
  });
  test("a piece that is cut off, missing, or another's", async () => {
    expect(await restoredAfter((folder) => truncate(pieceOf(folder), 5_000))).toMatch(/^backup\/piece-damaged: 5000/);
    expect(await restoredAfter((folder) => rm(pieceOf(folder)))).toMatch(/^backup\/piece-missing/);
    const other = await room.backup();
    expect(await restoredAfter((folder) => cp(join(folder, "base", other.id, "piece-00000"), pieceOf(folder)))).toMatch(
      /^backup\/piece-damaged/,
    );
  });
  test("a record that names another's pieces, with their hashes", async () => {
    const swapped = await restoredAfter(async (folder) => {
      const outer = JSON.parse(await readFile(pieceOf(folder, "record.json"), "utf8"));
      const record = { ...JSON.parse(outer.record), endedAt: 1 };
      await writeFile(pieceOf(folder, "record.json"), JSON.stringify({ ...outer, record: JSON.stringify(record) }));
    });
    expect(swapped).toBe("backup/piece-damaged: words that were changed");
  });
  test("a gap in the log is named by its ends", async () => {
    const late = await room.now();
    await room.client.query("select pg_switch_wal()");
    await room.client.query("insert into things select i, 'more' from generate_series(100000, 100100) i");
    await room.archived(archiver);
    const outcome = await restoredAfter(async (folder) => rm(await neededLog(folder)));
    expect(outcome).toMatch(/^backup\/log-gap: nothing from 0\/[0-9A-F]+ to 0\/[0-9A-F]+/);
    expect(late).toBeGreaterThan(sound);
  });
  test("a piece of the log under another name", async () => {
    const outcome = await restoredAfter(async (folder) => {
      const path = await neededLog(folder);
      const name = path.split("/").at(-1) as string;
      await rename(path, path.replace(name, `${name.slice(0, 17)}${name.slice(17, 32)}9`));
    });
    expect(outcome).toMatch(/^backup\/(piece-damaged|log-gap|time-unreachable)/);
  });
  test("a timeline that nobody can have reached", async () => {
    const outcome = await restoredAfter(async (folder) => {
      for (const timeline of ["FFFFFFFF", "FFFFFFFFFFFF"]) {
        await mkdir(join(folder, "log", first.system, timeline));
        await writeFile(join(folder, "log", first.system, timeline, `${"0".repeat(16)}-${"0".repeat(15)}1`), "x");
      }
    });
    expect(outcome).toBe("restored");
  }, 20_000);
  test("another keyring", async () => {
    expect(await restoredAfter(async () => undefined, "another keyring")).toMatch(/^backup\/key-wrong/);
  });
});

test("a copy on trial runs nothing by itself: no trigger of a login, and nobody's subscription goes on in it", async () => {
  const open = join(room.folder, "open");
  await mkdir(open);
  await chmod(open, 0o777);
  const mark = join(open, "ran");
  await room.client.query(`
    create function on_login() returns event_trigger language plpgsql as $$ begin
      if current_setting('is_superuser') = 'off' then return; end if;
      execute $c$copy (select 1) to program 'cat > ${mark}'$c$; end $$;
    create event trigger on_login on login execute function on_login();
    create subscription elsewhere connection 'host=127.0.0.1 port=9 dbname=other' publication of_theirs with (connect = false, slot_name = 'theirs');
    alter subscription elsewhere enable`);
  const other = new pg.Client(room.cluster.settings("postgres"));
  await other.connect();
  await other.end();
  const { id } = await room.backup();
  await room.client.query(
    "drop event trigger on_login; alter subscription elsewhere disable; alter subscription elsewhere set (slot_name = none); drop subscription elsewhere",
  );
  expect(existsSync(mark)).toBe(true); // So it does where it is not switched off: an administrator has logged in.
  await rm(mark);
  const copy = await openDrillCopy({
    target: room.target,
    keys: room.keys,
    backup: id,
    scratch: join(room.folder, "trial"),
    settings: (database) => ({ ...room.cluster.settings(database) }) as never,
  });
  try {
    const client = await copy.administrator("postgres");
    const { rows } = await client.query("select count(*)::int as kept from pg_subscription where subenabled");
    expect(rows).toEqual([{ kept: 1 }]);
    const { rows: workers } = await client.query(
      "select backend_type from pg_stat_activity where backend_type like 'logical replication%'",
    );
    await client.end();
    expect(workers).toEqual([]);
    expect(existsSync(mark)).toBe(false);
  } finally {
    await copy.close();
  }
}, 30_000);
