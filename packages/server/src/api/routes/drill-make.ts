import type { BackupAccepted } from "../../backups/backup-status.ts";
import { ApiProblem } from "../api-problem.ts";
import type { ApiRoute } from "../api-route.ts";

/** Restores the newest backup on trial, in the background. */
export const drillMake: ApiRoute = {
  id: "POST /platform/v1/backups/drills",
  handle({ backups }, _request, reply): BackupAccepted {
    const run = backups.request("drill");
    if (run === undefined) throw new ApiProblem("platform/backup-unavailable");
    void reply.code(202);
    return { run };
  },
};
