// One word about all changes: is nothing wider than before? A proof, somebody whom it lets in, or what nobody could judge.
import type { Change } from "./change.ts";

export interface Verdict {
  /** `proven`: every change allows at most what was allowed. `wider`: one of them allows more. `undecided`: one could not be judged. */
  readonly outcome: "proven" | "wider" | "undecided";
  /** The changes that decide it; empty where it is proven. */
  readonly changes: readonly Change[];
}

export function notWider(changes: readonly Change[]): Verdict {
  const wider = changes.filter((change) => change.effect === "looser" || change.gained !== undefined);
  if (wider.length > 0) return { outcome: "wider", changes: wider };
  const open = changes.filter((change) => change.effect === "changed");
  return open.length > 0 ? { outcome: "undecided", changes: open } : { outcome: "proven", changes: [] };
}
