import type { BackupAccepted } from "../../backups/backup-status.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";

/** Makes a backup and restores it on trial, in the background. */
export const backupMake: ApiRoute = {
  id: "POST /platform/v1/backups",
  handle({ backups }, _request, reply): BackupAccepted {
    const run = backups.request("backup");
    if (run === undefined) throw new ApiProblem("platform/backup-unavailable");
    void reply.code(202);
    return { run };
  },
};
