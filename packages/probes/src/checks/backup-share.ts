import { settledBackups } from "../backup-job.ts";
import type { Check } from "../check.ts";
import { backupRestore } from "./backup-restore.ts";

export const backupShare: Check = {
  id: "backup-share",
  title: "Of the backups that were made, fewer can be restored than the policy's target.",
  kind: "observe",
  layers: ["database", "monitoring"],
  asvs: ["V14.2.4"],
  wstg: ["WSTG-CONF-04"],
  events: [],
  company: "together",
  sabotage: backupRestore.sabotage,
  run: async (session) => {
    const { jobs } = await settledBackups(session);
    const { backups: target } = session.policy.targets;
    session.require(jobs.ended > 0, "a job has ended");
    session.judge({
      request: "count the jobs whose backup was restored on trial",
      expected: `a share of at least ${target}`,
      got: `${jobs.proven} of ${jobs.ended}`,
      held: jobs.proven / jobs.ended >= target,
    });
    return session.conclude(`${jobs.proven} of ${jobs.ended} backups were restored on trial and passed.`);
  },
};
