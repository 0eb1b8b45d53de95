// A check that saw its attack succeed is a finding at once: no threshold, no window.
import type { EventRule } from "./event-rule.ts";

export const checkBroken: EventRule = {
  id: "check-broken",
  event: "check.broken",
  remembersMs: 0,
  detect(event) {
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
  },
};
