// A check that saw its attack succeed is a finding at once: no threshold, no window.
import type { DetectedEvent, Finding } from "./finding.ts";

export function detectBrokenCheck(event: DetectedEvent): readonly Finding[] {
  if (event.name !== "check.broken") return [];
  const check = typeof event.detail.check === "string" ? event.detail.check : "unknown";
  return [
    {
      rule: "check-broken",
      scope: "check",
      group: check,
      sentence: `The attack of check ${check} succeeds.`,
      severityId: 5,
      firstEventAt: event.at,
      lastEventAt: event.at,
      evidence: [event.seq],
      seq: event.seq,
    },
  ];
}
