// A replica that reads may no longer go to is a finding at once: the next loss would leave only the primary.
import type { EventRule } from "./event-rule.ts";

export const replicaLost: EventRule = {
  id: "replica-lost",
  event: "replica.lost",
  remembersMs: 0,
  detect({ at, seq, detail }) {
    const replica = typeof detail["replica"] === "string" ? detail["replica"] : "unknown";
    return [
      {
        rule: "replica-lost",
        scope: "database",
        group: replica,
        sentence: `The replica "${replica}" is late, astray or away; no reads go there.`,
        severityId: 4,
        firstEventAt: at,
        lastEventAt: at,
        evidence: [seq],
        seq,
      },
    ];
  },
};
