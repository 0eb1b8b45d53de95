import type { Result } from "@holdfast/policy";

/** What a check found. */
export interface CheckRun {
  readonly result: Result;
  /** Attempts made against the target, positive controls apart. */
  readonly looked: number;
  /** One sentence for people. */
  readonly seen: string;
}
