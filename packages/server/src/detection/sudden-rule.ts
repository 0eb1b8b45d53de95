// A rule without threshold or window: each event of a name is a finding at once.
import type { EventName } from "@holdfast/policy";
import type { EventRule } from "./event-rule.ts";
import type { DetectedEvent, Finding } from "./finding.ts";

interface SuddenRule extends Pick<Finding, "rule" | "scope" | "severityId"> {
  readonly event: EventName;
}

export const suddenRule = (
  { rule, event, scope, severityId }: SuddenRule,
  tell: (detail: DetectedEvent["detail"]) => Pick<Finding, "group" | "sentence">,
): EventRule => ({
  id: rule,
  event,
  remembersMs: 0,
  detect: ({ at, seq, detail }) => [
    { rule, scope, severityId, ...tell(detail), firstEventAt: at, lastEventAt: at, evidence: [seq], seq },
  ],
});

/** A value of an event as a word. */
export const told = (value: string | number | boolean | undefined): string => String(value ?? "unknown");
