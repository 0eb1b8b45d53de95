import { settledBackups } from "../backup-job.ts";
import type { Check } from "../check.ts";

const SECOND_MS = 1_000;
/** A minute more than the policy's recovery point, since an idle server says only now and then that there is nothing new. */
const TOLERANCE_MS = 60_000;

export const backupRecoveryPoint: Check = {
  id: "backup-recovery-point",
  title: "A disaster would lose more, or keep the application away longer, than the policy allows.",
  kind: "observe",
  layers: ["database"],
  asvs: ["V14.2.4"],
  wstg: ["WSTG-CONF-04"],
  events: [],
  company: "together",
  sabotage: {
    name: "log-not-kept",
    sentence: "Of the write-ahead log that was archived nothing is there any more.",
    hole: { kind: "stored-backups", change: (name, content) => (name.startsWith("log/") ? undefined : content) },
  },
  run: async (session) => {
    const { newestDrill: drill, archive, now } = await settledBackups(session);
    const { recoveryPointSeconds, recoveryTimeSeconds } = session.policy.continuity;
    const seconds = (milliseconds: number | null | undefined): string =>
      typeof milliseconds === "number" ? `${Math.round(milliseconds / SECOND_MS)} s` : "not restored";
    const within = (milliseconds: number | null | undefined, limitMs: number): boolean =>
      typeof milliseconds === "number" && milliseconds <= limitMs;
    session.judge({
      request: "read how much the newest drill would have lost",
      expected: `restored, at most ${recoveryPointSeconds} s`,
      got: drill?.result === "passed" ? seconds(drill.recoveryPointMs) : "not restored",
      held:
        drill?.result === "passed" && within(drill.recoveryPointMs, recoveryPointSeconds * SECOND_MS + TOLERANCE_MS),
    });
    session.judge({
      request: "read how long its data took to answer",
      expected: `at most ${recoveryTimeSeconds} s`,
      got: seconds(drill?.recoveryTimeMs),
      held: within(drill?.recoveryTimeMs, recoveryTimeSeconds * SECOND_MS),
    });
    const behind = archive.reachesTo === null ? null : Math.max(0, now - archive.reachesTo);
    session.judge({
      request: "read how far the archive is behind now",
      expected: `running, at most ${recoveryPointSeconds} s`,
      got: archive.running ? seconds(behind) : (archive.problem ?? "not running"),
      held: archive.running && within(behind, recoveryPointSeconds * SECOND_MS + TOLERANCE_MS),
    });
    return session.conclude(
      `A disaster would lose at most ${seconds(drill?.recoveryPointMs)}, and the data answered again after ${seconds(drill?.recoveryTimeMs)}.`,
    );
  },
};
