// A database that is slow, held up or filling is a finding at once: the limit was reached before the event was made.
import type { EventName } from "@holdfast/policy";
import type { EventRule } from "./event-rule.ts";
import type { DatabaseLimitRule, DetectedEvent, Finding } from "./finding.ts";

const limitRule = (
  id: DatabaseLimitRule,
  event: EventName,
  severityId: Finding["severityId"],
  told: (detail: DetectedEvent["detail"]) => { readonly group: string; readonly sentence: string },
): EventRule => ({
  id,
  event,
  remembersMs: 0,
  detect: ({ at, seq, detail }) => [
    {
      rule: id,
      scope: "database",
      ...told(detail),
      severityId,
      firstEventAt: at,
      lastEventAt: at,
      evidence: [seq],
      seq,
    },
  ],
});

const word = (value: string | number | boolean | undefined): string => String(value ?? "?");

export const databaseLimits: readonly EventRule[] = [
  limitRule("database-blocked", "database.blocked", 4, ({ blocked, waitedMs, holder }) => ({
    group: "",
    sentence: `${word(blocked)} sessions wait for locks, one for ${word(waitedMs)} ms; "${word(holder)}" holds them up.`,
  })),
  limitRule("database-slow", "database.slow", 3, ({ statement, role, meanMs, calls }) => ({
    group: `${word(statement)} ${word(role)}`,
    sentence: `Statement ${word(statement)} as "${word(role)}" took ${word(meanMs)} ms each, ${word(calls)} times.`,
  })),
  limitRule("database-filling", "database.filling", 4, ({ daysLeft }) => ({
    group: "",
    sentence: `As it grows now, the database's disk is full in ${word(daysLeft)} days.`,
  })),
];
