// A process that makes a backup or restores one, for tests that kill it half way. Says "begun" when the work begins.
import { takeBaseBackup } from "../backup/base-backup.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import { restoreBackup } from "../restore/restore.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { testKeys } from "./test-keys.ts";

export interface VictimTask {
  readonly work: "backup" | "restore";
  readonly settings: GuardedSettings;
  readonly target: string;
  readonly secret: string;
  readonly into: string;
}

const task = JSON.parse(process.argv[2] ?? "{}") as VictimTask;
const target = await openFolderTarget(task.target);
const keys = testKeys(task.secret);
console.log("begun");
if (task.work === "backup") await takeBaseBackup({ settings: task.settings, target, keys });
else await restoreBackup({ target, keys, into: task.into, serverSettings: { fsync: "off" } });
console.log("done");
