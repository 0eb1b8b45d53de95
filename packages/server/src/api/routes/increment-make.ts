import type { BackupAccepted } from "../../backups/backup-status.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";

/** Makes a backup of what has changed since the newest one and restores it on trial, in the background. */
export const incrementMake: ApiRoute = {
  id: "POST /platform/v1/backups/increments",
  handle({ backups }, _request, reply): BackupAccepted {
    const run = backups.request("increment");
    if (run === undefined) throw new ApiProblem("platform/backup-unavailable");
    void reply.code(202);
    return { run };
  },
};
