// A fault in the audit log is a finding at once: somebody who may do everything in the database did something that nobody may.
import type { EventRule } from "./event-rule.ts";

export const auditTampered: EventRule = {
  id: "audit-tampered",
  event: "audit.tampered",
  remembersMs: 0,
  detect: ({ at, seq, detail }) => [
    {
      rule: "audit-tampered",
      scope: "overall",
      group: "",
      sentence: `The audit log was tampered with, at leaf ${String(detail["position"] ?? "?")}.`,
      severityId: 5,
      firstEventAt: at,
      lastEventAt: at,
      evidence: [seq],
      seq,
    },
  ],
};
