// The plan's "API errors: alert at 1% error rate": errors ÷ requests over a sliding window of samples. Requests are counted, not
// recorded, so this reads samples of counters; a restart begins a new window.
import { FINDING_EVIDENCE_MAX, type Finding } from "./finding.ts";

/** Window of the rate. */
export const ERROR_RATE_WINDOW_MS = 5 * 60_000;
/** Fewer requests than this in the window decide nothing: one error in ten requests is no rate. */
const ERROR_RATE_REQUESTS_MIN = 100;

/** What happened since the previous sample. */
export interface ErrorRateSample {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  /** Sequence numbers and times of the recorded `api.error` and `edge.upstream-failed` events. */
  readonly events: readonly { readonly seq: number; readonly at: number }[];
}

/** Feed samples in time order. The rate must lie above the threshold, not on it. */
export function detectApiErrors(above: number): (sample: ErrorRateSample) => readonly Finding[] {
  let samples: ErrorRateSample[] = [];
  return (sample) => {
    samples = [...samples, sample].filter((each) => Math.abs(sample.at - each.at) < ERROR_RATE_WINDOW_MS);
    const requests = samples.reduce((sum, each) => sum + each.requests, 0);
    const errors = samples.reduce((sum, each) => sum + each.errors, 0);
    if (sample.errors === 0 || requests < ERROR_RATE_REQUESTS_MIN || errors / requests <= above) return [];
    const evidence = samples.flatMap((each) => each.events).slice(-FINDING_EVIDENCE_MAX);
    return [
      {
        rule: "api-errors",
        scope: "overall",
        group: "",
        sentence: `${errors} of ${requests} requests failed within ${ERROR_RATE_WINDOW_MS / 60_000} minutes, more than ${above * 100} %.`,
        severityId: 4,
        firstEventAt: evidence[0]?.at ?? sample.at,
        lastEventAt: evidence.at(-1)?.at ?? sample.at,
        evidence: evidence.map((each) => each.seq),
        seq: evidence.at(-1)?.seq ?? 0,
      },
    ];
  };
}
