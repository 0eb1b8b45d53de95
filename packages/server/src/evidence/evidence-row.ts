// One row of the evidence log. Types only: the console reads them too.
import type { Observation } from "@holdfast/policy";

export interface EvidenceRow extends Observation {
  readonly seq: number;
  readonly receivedAt: number;
  readonly previousHash: string;
  readonly hash: string;
}

/** Newest first. */
export interface EvidencePage {
  readonly evidence: readonly EvidenceRow[];
  readonly next: number | null;
}

/** The two observations that say whether a check holds. */
export interface CheckObservations {
  readonly run: Observation | null;
  readonly sabotage: Observation | null;
}
