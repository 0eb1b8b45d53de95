// A database that is slow, held up or filling is a finding at once: the limit was reached before the event was made.
import type { EventRule } from "./event-rule.ts";
import { suddenRule, told } from "./sudden-rule.ts";

const scope = "database";

export const databaseLimits: readonly EventRule[] = [
  suddenRule(
    { rule: "database-blocked", event: "database.blocked", scope, severityId: 4 },
    ({ blocked, waitedMs, holder }) => ({
      group: "",
      sentence: `${told(blocked)} sessions wait for locks, one for ${told(waitedMs)} ms; "${told(holder)}" holds them up.`,
    }),
  ),
  suddenRule(
    { rule: "database-slow", event: "database.slow", scope, severityId: 3 },
    ({ statement, role, meanMs, calls }) => ({
      group: `${told(statement)} ${told(role)}`,
      sentence: `Statement ${told(statement)} as "${told(role)}" took ${told(meanMs)} ms each, ${told(calls)} times.`,
    }),
  ),
  suddenRule({ rule: "database-filling", event: "database.filling", scope, severityId: 4 }, ({ daysLeft }) => ({
    group: "",
    sentence: `As it grows now, the database's disk is full in ${told(daysLeft)} days.`,
  })),
];
