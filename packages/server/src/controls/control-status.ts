// The status of a control, its score and its matrix. Types only: the console reads them too.
import type { Control, Layer } from "@holdfast/policy";

/** The control's status, computed from evidence; there is no way to set it. */
export type ControlStatus = "held" | "broken" | "unproven" | "excepted" | "out-of-scope";

/** Why a check, and so a control, is not `held`. */
export type StatusReasonCode =
  /** Nothing has been built yet that could prove the control. */
  | "no-check"
  /** The check has no evidence at all. */
  | "never-ran"
  /** The newest evidence is older than the window (2 × the control's interval). */
  | "stale"
  /** The newest evidence, or its sabotage, is of another version of the check. */
  | "other-version"
  /** The newest evidence, or its sabotage, was gathered under another policy. */
  | "other-policy"
  /** The newest run examined an empty population. */
  | "looked-at-nothing"
  /** The newest run errored or could not decide. */
  | "inconclusive"
  /** The evidence claims to be from the future. */
  | "from-the-future"
  /** The newest run shows the attack succeeding. */
  | "attack-succeeded"
  /** The check has never been seen to turn red on its broken twin. */
  | "sabotage-never-ran"
  /** The newest sabotage did not turn the check red, or could not decide. */
  | "sabotage-not-caught"
  /** The newest sabotage is older than its window (7 days). */
  | "sabotage-stale"
  /** A live exception covers a broken control. */
  | "excepted"
  /** The control was put out of scope, with a reason and an approver. */
  | "out-of-scope";

export interface StatusReason {
  readonly code: StatusReasonCode;
  /** The check concerned, where one is. */
  readonly check: string | null;
  /** One sentence for people. */
  readonly sentence: string;
}

/** Held ÷ in scope, always with its parts. */
export interface Score {
  readonly held: number;
  readonly broken: number;
  readonly unproven: number;
  readonly excepted: number;
  readonly outOfScope: number;
  /** `total - outOfScope`: the denominator. */
  readonly inScope: number;
  readonly total: number;
  /** "87 of 92 controls held · 3 excepted · 1 broken · 1 unproven". */
  readonly sentence: string;
}

export interface MatrixRow {
  readonly control: string;
  readonly sentence: string;
  readonly kind: Control["kind"];
  /** The status in each layer the control is enforced in; null where it is not. Aligned with `Matrix.layers`. */
  readonly cells: readonly (ControlStatus | null)[];
}

/** Controls × layers. */
export interface Matrix {
  readonly layers: readonly Layer[];
  readonly rows: readonly MatrixRow[];
  /** One score per layer, aligned with `layers`. */
  readonly scores: readonly Score[];
}
