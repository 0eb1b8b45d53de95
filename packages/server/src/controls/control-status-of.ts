// The status of a control from a plain list of observations, for programs that prove without a running platform.
import type { Observation } from "@holdfast/policy";
import type { CheckObservations } from "../evidence/evidence-row.ts";
import { type ComputedStatus, type ControlRequirement, statusOfControl } from "./status.ts";

export interface ControlStatusInput {
  readonly control: ControlRequirement;
  /** Runs and sabotages in any order. */
  readonly evidence: readonly Observation[];
  readonly now: number;
  readonly policyHash: string;
}

/** The same computation as the platform's. */
export function controlStatus({ control, evidence, now, policyHash }: ControlStatusInput): ComputedStatus {
  const newest = new Map<string, CheckObservations>();
  for (const observation of evidence) {
    const known = newest.get(observation.check) ?? { run: null, sabotage: null };
    const kind = observation.sabotage === undefined ? "run" : "sabotage";
    const current = known[kind];
    if (current === null || observation.finishedAt >= current.finishedAt) {
      newest.set(observation.check, { ...known, [kind]: observation });
    }
  }
  return statusOfControl(control, { now, policyHash, evidence: newest });
}
