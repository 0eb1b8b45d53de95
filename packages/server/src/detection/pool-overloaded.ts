// A pool that goes on refusing requests: one refusal is a burst, several seconds of them are too little database for the load.
import type { EventRule } from "./event-rule.ts";
import { FINDING_EVIDENCE_MAX } from "./finding.ts";
import { createThreshold, LATENESS_MS } from "./threshold.ts";

/** Events of a pool, which tells at most one a second. */
const OVERLOADED_SECONDS = 3;
const WINDOW_MS = 60_000;

export function poolOverloaded(): EventRule {
  const threshold = createThreshold({ atLeast: OVERLOADED_SECONDS, windowMs: WINDOW_MS });
  return {
    id: "pool-overloaded",
    event: "database.overloaded",
    remembersMs: WINDOW_MS + LATENESS_MS,
    detect(event) {
      const pool = typeof event.detail.pool === "string" ? event.detail.pool : "unknown";
      const reached = threshold.push(pool, { at: event.at, seq: event.seq });
      if (reached === null) return [];
      return [
        {
          rule: "pool-overloaded",
          scope: "database",
          group: pool,
          sentence: `The pool "${pool}" refused requests in ${OVERLOADED_SECONDS} seconds of a minute.`,
          severityId: 4,
          firstEventAt: reached[0]?.at ?? event.at,
          lastEventAt: reached.at(-1)?.at ?? event.at,
          evidence: reached.slice(-FINDING_EVIDENCE_MAX).map((each) => each.seq),
          seq: event.seq,
        },
      ];
    },
  };
}
