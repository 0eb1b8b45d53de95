// Every rule over the event log. The error rate of the API is not among them: it is read from samples of counters (`api-errors.ts`).
import type { Policy } from "@holdfast/policy";
import { auditTampered } from "./audit-tampered.ts";
import { backupRules } from "./backup-rules.ts";
import { checkBroken } from "./check-broken.ts";
import { databaseLimits } from "./database-limits.ts";
import type { EventRule } from "./event-rule.ts";
import { failedLogins } from "./failed-logins.ts";
import type { DetectedEvent, Finding } from "./finding.ts";
import { poolOverloaded } from "./pool-overloaded.ts";
import { replicaLogKept } from "./replica-log-kept.ts";
import { replicaLost } from "./replica-lost.ts";

/** The rules with the policy's thresholds; what they remember begins anew. */
export function eventRules(monitoring: Pick<Policy["monitoring"], "failedLogins">): readonly EventRule[] {
  return [
    failedLogins(monitoring.failedLogins),
    checkBroken,
    poolOverloaded(),
    replicaLost,
    replicaLogKept,
    ...backupRules,
    ...databaseLimits,
    auditTampered,
  ];
}

/** What the rules find in the next event. */
export function findingsIn(rules: readonly EventRule[], event: DetectedEvent): readonly Finding[] {
  return rules.flatMap((rule) => (rule.event === event.name ? rule.detect(event) : []));
}
