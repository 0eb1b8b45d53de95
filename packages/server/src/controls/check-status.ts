// Whether one check holds now: a pure function of its newest run, its newest sabotage, the moment and the policy in force.
// Whatever is missing, old, foreign or undecided is `unproven`; only complete, fresh proof is `held`.
import type { Observation } from "@holdfast/policy";
import type { CheckObservations } from "../evidence/evidence-row.ts";
import type { StatusReason, StatusReasonCode } from "./control-status.ts";

/** Evidence counts for this many intervals. */
const WINDOW_INTERVALS = 2;
/** A check must have turned red on its broken twin within this time. */
export const SABOTAGE_WINDOW_MS = 7 * 24 * 60 * 60_000;
/** How far the clock of evidence may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;

export interface Moment {
  readonly now: number;
  readonly policyHash: string;
}

export interface CheckStatus {
  readonly status: "held" | "broken" | "unproven";
  readonly reasons: readonly StatusReason[];
}

const sentences = {
  "never-ran": "has no evidence yet",
  stale: "has not run within its window",
  "other-version": "was not sabotaged in the version that ran",
  "other-policy": "ran under another policy",
  "looked-at-nothing": "looked at nothing",
  inconclusive: "could not decide",
  "from-the-future": "has evidence from the future",
  "attack-succeeded": "saw its attack succeed",
  "sabotage-never-ran": "has never been sabotaged, so nobody knows whether it can turn red",
  "sabotage-not-caught": "did not turn red when it was sabotaged",
  "sabotage-stale": "was sabotaged longer than 7 days ago",
} as const satisfies Partial<Record<StatusReasonCode, string>>;

export function checkStatus(
  check: string,
  evidence: CheckObservations | undefined,
  intervalSeconds: number,
  moment: Moment,
): CheckStatus {
  const reason = (code: keyof typeof sentences): StatusReason => ({
    code,
    check,
    sentence: `Check ${check} ${sentences[code]}.`,
  });
  const run = evidence?.run ?? null;
  if (run === null) return { status: "unproven", reasons: [reason("never-ran")] };
  // Bad news has no window: it stands until newer evidence says otherwise.
  if (run.result === "broken") return { status: "broken", reasons: [reason("attack-succeeded")] };
  const codes = [
    ...runFaults(run, intervalSeconds, moment),
    ...sabotageFaults(run, evidence?.sabotage ?? null, moment.now),
  ];
  return codes.length === 0
    ? { status: "held", reasons: [] }
    : { status: "unproven", reasons: codes.map((code) => reason(code)) };
}

function runFaults(run: Observation, intervalSeconds: number, moment: Moment): readonly (keyof typeof sentences)[] {
  const faults: (keyof typeof sentences)[] = [];
  if (!(run.looked > 0)) faults.push("looked-at-nothing");
  else if (run.result !== "held") faults.push("inconclusive");
  if (run.finishedAt > moment.now + CLOCK_SKEW_MS) faults.push("from-the-future");
  if (!(moment.now - run.finishedAt <= WINDOW_INTERVALS * intervalSeconds * 1000)) faults.push("stale");
  if (run.policyHash !== moment.policyHash) faults.push("other-policy");
  return faults;
}

function sabotageFaults(run: Observation, row: Observation | null, now: number): readonly (keyof typeof sentences)[] {
  if (row?.sabotage === undefined) return ["sabotage-never-ran"];
  const faults: (keyof typeof sentences)[] = [];
  if (row.sabotage.result !== "caught") faults.push("sabotage-not-caught");
  if (row.version !== run.version) faults.push("other-version");
  if (row.finishedAt > now + CLOCK_SKEW_MS) faults.push("from-the-future");
  if (!(now - row.finishedAt <= SABOTAGE_WINDOW_MS)) faults.push("sabotage-stale");
  return faults;
}
