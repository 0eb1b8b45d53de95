import type { DrillPage } from "../../backups/backup-status.ts";
import type { ApiRoute } from "../api-route.ts";

/** Restore drills as they were signed, and the key that verifies them. */
export const drillList: ApiRoute = {
  id: "GET /platform/v1/backups/drills",
  handle: ({ backups }): Promise<DrillPage> => backups.drills(),
};
