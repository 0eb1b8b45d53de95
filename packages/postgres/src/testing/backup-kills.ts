// Kills a backup, a restore or an archiver at a random point, and says what is wrong afterwards. The tests try a few, `npm run fuzz`
// hundreds.
import { spawn } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openChain } from "../backup/backup-chain.ts";
import { expireBackups, type ListedBackup, listBackups, removeUnfinished } from "../backup/backup-list.ts";
import { openRecord } from "../backup/backup-record.ts";
import { contiguousFrom, LogOpener, listLogPieces } from "../backup/log-piece.ts";
import { formatLogPosition } from "../backup/log-position.ts";
import { unpackBackup } from "../restore/unpack.ts";
import type { BackupRoom } from "./backup-room.ts";
import type { VictimTask } from "./backup-victim.ts";

const VICTIM = fileURLToPath(new URL("./backup-victim.ts", import.meta.url));
/** Backups of the tests take about half a second, restores one; an archiver goes on until it is killed. */
const KILL_WITHIN_MS = { backup: 500, restore: 1_200, archive: 300 };

/** Nothing is kept beside the newest. */
const EVERYTHING = { keepMs: 0, now: Number.MAX_SAFE_INTEGER, isCounted: () => true };

/** The slot of archivers that are killed. */
export const KILLED_SLOT = "killed_archive";

/** Starts the work and kills it; whether that came before its end. What it said on the way is told. */
export async function killOnce(
  room: BackupRoom,
  work: VictimTask["work"],
  random: () => number,
): Promise<{ readonly wasKilled: boolean; readonly said: string }> {
  const task: VictimTask = {
    work,
    settings: room.settings,
    target: room.target.description,
    secret: "a keyring",
    into: join(room.folder, "killed"),
    slot: KILLED_SLOT,
  };
  const child = spawn(process.execPath, ["--conditions=holdfast-source", VICTIM, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const begun = new Promise<void>((resolve) => {
    child.stdout.on("data", (part: Buffer) => {
      said += String(part);
      if (said.includes("begun")) resolve();
    });
    child.once("exit", () => resolve());
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await begun;
  await wait(random() * KILL_WITHIN_MS[work]);
  child.kill("SIGKILL");
  await exited;
  return { wasKilled: !said.includes("done"), said };
}

/**
 * Every backup that is listed is whole, down to each file's hash; what was begun and not finished can be swept. Only the newest is
 * kept, so that the next look is as quick as this one.
 */
export async function faultsOfTarget({ target, keys }: BackupRoom): Promise<readonly string[]> {
  const faults: string[] = [];
  let sound: readonly ListedBackup[] = [];
  for (const listed of await listBackups(target, keys)) {
    const { id, problem } = listed;
    if (problem !== undefined) {
      faults.push(`${id}: ${problem.message}`);
      continue;
    }
    sound = [...sound, listed];
    const chain = await openChain(target, keys, await openRecord(target, keys, id));
    await unpackBackup({ target, chain }).catch((error: unknown) => {
      faults.push(`${id}: ${(error as Error).message}`); // Named with the backup it is about.
    });
  }
  await removeUnfinished(target);
  await expireBackups(target, sound, EVERYTHING);
  const newest = sound.at(-1)?.id ?? "none";
  for (const { name } of await target.list("base/"))
    if (!name.startsWith(`base/${newest}/`)) faults.push(`left: ${name}`);
  return faults;
}

/** A restore that was killed left no cluster; one into the same folder succeeds. */
export async function faultsOfRestore(room: BackupRoom): Promise<readonly string[]> {
  const into = join(room.folder, "killed");
  const left: readonly string[] = await readdir(into).catch(() => []); // It was not even begun.
  if (left.includes("data")) {
    await rm(into, { recursive: true, force: true });
    return []; // It was done before it was killed.
  }
  await room.restore("killed");
  await rm(into, { recursive: true, force: true });
  return [];
}

/** The archived log has no gap, every piece opens, and the server keeps whatever follows it. */
export async function faultsOfArchive(
  { target, keys, client }: BackupRoom,
  system: string,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const pieces = await listLogPieces(target, system, 1);
  const opener = new LogOpener(target, keys);
  for (const piece of pieces)
    await opener.open(system, piece).catch((error: unknown) => faults.push((error as Error).message)); // Told with its name.
  const end = contiguousFrom(pieces, pieces[0]?.start ?? 0n).at(-1)?.end ?? 0n;
  if (pieces.some((piece) => piece.end > end)) faults.push(`a gap at ${formatLogPosition(end)}`);
  const { rows } = await client.query<{ kept: boolean }>(
    "select restart_lsn <= $1::pg_lsn and wal_status <> 'lost' as kept from pg_replication_slots where slot_name = $2",
    [formatLogPosition(end), KILLED_SLOT],
  );
  if (pieces.length > 0 && rows[0]?.kept !== true)
    faults.push(`the server does not keep what follows ${formatLogPosition(end)}`);
  return faults;
}
