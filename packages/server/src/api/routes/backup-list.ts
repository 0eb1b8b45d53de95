import type { BackupStatus } from "../../backups/backup-status.ts";
import type { ApiRoute } from "../api-route.ts";

/** Backups, the moments that can be restored, the archive, what runs and what is late. */
export const backupList: ApiRoute = {
  id: "GET /platform/v1/backups",
  handle: ({ backups }): Promise<BackupStatus> => backups.status(),
};
