// Kills a backup or a restore at a random point, and says what is wrong afterwards. The tests try a few, `npm run fuzz` hundreds.
import { spawn } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { listBackups, removeUnfinished } from "../backup/backup-list.ts";
import { openRecord } from "../backup/backup-record.ts";
import { unpackBackup } from "../restore/unpack.ts";
import type { BackupRoom } from "./backup-room.ts";
import type { VictimTask } from "./backup-victim.ts";

const VICTIM = fileURLToPath(new URL("./backup-victim.ts", import.meta.url));
/** Backups of the tests take about half a second, restores one. */
const KILL_WITHIN_MS = { backup: 500, restore: 1_200 };

/** How it ended: killed half way, or done before. */
export async function killOnce(
  room: BackupRoom,
  work: VictimTask["work"],
  random: () => number,
): Promise<"killed" | "done"> {
  const task: VictimTask = {
    work,
    settings: room.settings,
    target: room.target.description,
    secret: "a keyring",
    into: join(room.folder, "killed"),
  };
  const child = spawn(process.execPath, ["--conditions=holdfast-source", VICTIM, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  const begun = new Promise<void>((resolve) => {
    child.stdout.on("data", (part: Buffer) => {
      output += String(part);
      if (output.includes("begun")) resolve();
    });
    child.once("exit", () => resolve());
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  await begun;
  await wait(random() * KILL_WITHIN_MS[work]);
  child.kill("SIGKILL");
  await exited;
  return output.includes("done") ? "done" : "killed";
}

/** Every backup that is listed is whole, down to each file's hash; what was begun and not finished can be swept. */
export async function faultsOfTarget({ target, keys }: BackupRoom): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const { id, problem } of await listBackups(target, keys)) {
    if (problem !== undefined) faults.push(`${id}: ${problem.message}`);
    else
      await unpackBackup({ target, backup: await openRecord(target, keys, id) }).catch((error: unknown) => {
        faults.push(`${id}: ${(error as Error).message}`); // Named with the backup it is about.
      });
  }
  await removeUnfinished(target);
  const finished = new Set((await listBackups(target, keys)).map(({ id }) => id));
  for (const { name } of await target.list("base/"))
    if (!finished.has(name.split("/")[1] ?? "")) faults.push(`left: ${name}`);
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
