// "At least N events within a window", exactly, per group, in event time: a finding for each event that lies in a half-open
// window (t − window, t] which holds N events of its group seen so far. Memory is bounded by the rule, not by the traffic.
// Events may arrive late by up to `LATENESS_MS` and are still counted exactly; a clock that jumps starts its groups anew.

/** How late an event may arrive and still be counted exactly. */
export const LATENESS_MS = 60_000;
/** Groups that are watched at once. The stalest goes first; the overall group is never evicted by the others. */
const GROUPS_MAX = 50_000;
/** Per group: enough for every window around a late event, and never less than the rule needs. */
const OCCURRENCES_MIN = 64;
const OCCURRENCES_PER_COUNT = 4;

export interface Occurrence {
  readonly at: number;
  readonly seq: number;
}

export interface ThresholdRule {
  readonly atLeast: number;
  readonly windowMs: number;
}

export interface Threshold {
  /** The occurrences that reach the threshold together with this one (oldest first), or null. */
  push(group: string, occurrence: Occurrence): readonly Occurrence[] | null;
  readonly groups: number;
}

export function createThreshold(rule: ThresholdRule, groupsMax = GROUPS_MAX): Threshold {
  // A Map keeps the order of insertion: the first group is the one that was touched longest ago.
  const groups = new Map<string, Occurrence[]>();
  const occurrencesMax = Math.max(OCCURRENCES_MIN, rule.atLeast * OCCURRENCES_PER_COUNT);
  const keepMs = rule.windowMs + LATENESS_MS;
  return {
    push(group, occurrence) {
      const kept = (groups.get(group) ?? []).filter((each) => Math.abs(each.at - occurrence.at) <= keepMs);
      const at = insertionPoint(kept, occurrence.at);
      kept.splice(at, 0, occurrence);
      const found = windowAround(kept, at, rule);
      if (kept.length > occurrencesMax) kept.shift();
      groups.delete(group);
      groups.set(group, kept);
      if (groups.size > groupsMax) evictStalest(groups);
      return found;
    },
    get groups() {
      return groups.size;
    },
  };
}

/** After every occurrence that is not later. */
function insertionPoint(kept: readonly Occurrence[], at: number): number {
  let index = kept.length;
  while (index > 0 && (kept[index - 1] as Occurrence).at > at) index -= 1;
  return index;
}

/** The latest run of N neighbours that contains `index` and spans less than the window. */
function windowAround(kept: readonly Occurrence[], index: number, rule: ThresholdRule): readonly Occurrence[] | null {
  const lastStart = Math.min(index, kept.length - rule.atLeast);
  for (let start = lastStart; start >= Math.max(0, index - rule.atLeast + 1); start -= 1) {
    const first = kept[start] as Occurrence;
    const last = kept[start + rule.atLeast - 1] as Occurrence;
    if (last.at - first.at < rule.windowMs) return kept.slice(start, start + rule.atLeast);
  }
  return null;
}

function evictStalest(groups: Map<string, Occurrence[]>): void {
  const stalest = groups.keys().next().value;
  if (stalest !== undefined) groups.delete(stalest);
}
