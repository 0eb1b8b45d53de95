// A backup that failed, was late, did not survive its drill, or left a gap in the log is a finding at once: nobody misses a backup
// until it is needed.
import type { EventName } from "@holdfast/policy";
import type { EventRule } from "./event-rule.ts";
import type { BackupRule, Finding } from "./finding.ts";
import { suddenRule } from "./sudden-rule.ts";

const backupRule = (
  rule: BackupRule,
  event: EventName,
  severityId: Finding["severityId"],
  sentence: string,
): EventRule =>
  suddenRule({ rule, event, scope: "overall", severityId }, ({ seen }) => ({
    group: "",
    sentence: typeof seen === "string" ? `${sentence} ${seen}` : sentence,
  }));

export const backupRules: readonly EventRule[] = [
  backupRule("backup-failed", "backup.failed", 4, "A backup failed."),
  backupRule("backup-late", "backup.late", 4, "A backup did not run when it was due, or the archived log is behind."),
  backupRule("backup-drill-failed", "backup.drill-failed", 5, "A backup was restored on trial and failed."),
  backupRule("backup-log-degraded", "backup.log-degraded", 5, "Commits are acknowledged before they are archived."),
  backupRule("backup-log-gap", "backup.log-gap", 5, "Part of the log was never archived: moments in it are lost."),
];
