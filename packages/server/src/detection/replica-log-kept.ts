// Log that is kept for a replica fills the primary's disk until the limit, and then the replica must be copied anew: a finding before that.
import type { EventRule } from "./event-rule.ts";

export const replicaLogKept: EventRule = {
  id: "replica-log-kept",
  event: "replica.log-kept",
  remembersMs: 0,
  detect({ at, seq, detail }) {
    const replica = typeof detail["replica"] === "string" ? detail["replica"] : "unknown";
    return [
      {
        rule: "replica-log-kept",
        scope: "database",
        group: replica,
        sentence: `The primary keeps much of its log for the replica "${replica}"; its disk fills.`,
        severityId: 4,
        firstEventAt: at,
        lastEventAt: at,
        evidence: [seq],
        seq,
      },
    ];
  },
};
