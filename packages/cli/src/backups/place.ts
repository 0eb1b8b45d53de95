// Where a project's backups lie: the folder that `deployment.ts` names, or one in its data directory.
import { join, resolve } from "node:path";
import { type BackupTarget, openFolderTarget } from "@holdfast/postgres";

const FOLDER = "backups";

/** @throws BackupError */
export function openPlace(dataDirectory: string, folder: string | undefined): Promise<BackupTarget> {
  return openFolderTarget(folder === undefined ? join(dataDirectory, FOLDER) : resolve(dataDirectory, "..", folder));
}
