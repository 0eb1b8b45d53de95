// A process that makes a backup, restores one or archives the log, for tests that kill it half way. Says "begun" when the work begins.
import { takeBaseBackup } from "../backup/base-backup.ts";
import { openFolderTarget } from "../backup/folder-target.ts";
import { startLogArchiver } from "../backup/log-archiver.ts";
import { restoreBackup } from "../restore/restore.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { testKeys } from "./test-keys.ts";

export interface VictimTask {
  readonly work: "backup" | "restore" | "archive";
  readonly settings: GuardedSettings;
  readonly target: string;
  readonly secret: string;
  readonly into: string;
  readonly slot: string;
}

const { work, settings, slot, into, ...task } = JSON.parse(process.argv[2] ?? "{}") as VictimTask;
const target = await openFolderTarget(task.target);
const keys = testKeys(task.secret);
if (work === "archive") {
  const onChange = ({ kind }: { readonly kind: string }): void => console.log(kind === "running" ? "begun" : kind);
  startLogArchiver({ settings, target, keys, slot, storeWithinMs: 5, onChange });
} else {
  console.log("begun");
  if (work === "backup") await takeBaseBackup({ settings, target, keys });
  else await restoreBackup({ target, keys, into, serverSettings: { fsync: "off" } });
  console.log("done");
}
