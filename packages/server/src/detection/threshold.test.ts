import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createThreshold, LATENESS_MS, type Occurrence } from "./threshold.ts";

const WINDOW_MS = 60_000;

/** Says in the plainest way what the rule means: is there a window with N events that contains this one? */
function naive(seen: readonly Occurrence[], now: Occurrence, atLeast: number): boolean {
  return seen.some((end) => {
    const inside = seen.filter((each) => each.at <= end.at && each.at > end.at - WINDOW_MS);
    return inside.length >= atLeast && inside.some((each) => each.seq === now.seq);
  });
}

describe("a threshold", () => {
  test("the fifth event within the window reaches five, the fourth does not", () => {
    const threshold = createThreshold({ atLeast: 5, windowMs: WINDOW_MS });
    const reached = [0, 1, 2, 3, 4].map((seq) => threshold.push("a", { at: seq * 1000, seq }));
    expect(reached.map((each) => each?.map((occurrence) => occurrence.seq) ?? null)).toEqual([
      null,
      null,
      null,
      null,
      [0, 1, 2, 3, 4],
    ]);
  });

  test("an event exactly one window old no longer counts, one a millisecond younger does", () => {
    const at = (last: number) => {
      const threshold = createThreshold({ atLeast: 2, windowMs: WINDOW_MS });
      threshold.push("a", { at: 0, seq: 1 });
      return threshold.push("a", { at: last, seq: 2 }) !== null;
    };
    expect(at(WINDOW_MS)).toBe(false);
    expect(at(WINDOW_MS - 1)).toBe(true);
  });

  test("groups do not add up", () => {
    const threshold = createThreshold({ atLeast: 2, windowMs: WINDOW_MS });
    expect(threshold.push("a", { at: 0, seq: 1 })).toBeNull();
    expect(threshold.push("b", { at: 0, seq: 2 })).toBeNull();
  });

  test("a late event completes the window it belongs to", () => {
    const threshold = createThreshold({ atLeast: 3, windowMs: WINDOW_MS });
    threshold.push("a", { at: 0, seq: 1 });
    threshold.push("a", { at: 10_000, seq: 2 });
    threshold.push("a", { at: 100_000, seq: 3 });
    expect(threshold.push("a", { at: 50_000, seq: 4 })?.map((each) => each.seq)).toEqual([1, 2, 4]);
  });

  test("a clock that jumps ahead and comes back does not blind the rule", () => {
    const threshold = createThreshold({ atLeast: 2, windowMs: WINDOW_MS });
    threshold.push("a", { at: 1_000_000_000, seq: 1 });
    threshold.push("a", { at: 0, seq: 2 });
    expect(threshold.push("a", { at: 1, seq: 3 })).not.toBeNull();
  });

  test("a flood of groups evicts the stalest and no other", () => {
    const threshold = createThreshold({ atLeast: 2, windowMs: WINDOW_MS }, 3);
    for (const group of ["a", "b", "c", "a", "d"]) threshold.push(group, { at: 0, seq: 0 });
    expect(threshold.groups).toBe(3);
    expect(threshold.push("a", { at: 1, seq: 9 })).not.toBeNull();
    expect(threshold.push("b", { at: 1, seq: 9 })).toBeNull();
  });

  test("it agrees with the naive oracle on any events, late ones included", () => {
    const gap = fc.integer({ min: 0, max: 40_000 });
    const lateness = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LATENESS_MS }));
    const arrival = fc.record({ gap, lateness, group: fc.constantFrom("a", "b") });
    const stream = fc.array(arrival, { maxLength: 60 });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 6 }), (arrivals, atLeast) => {
        const threshold = createThreshold({ atLeast, windowMs: WINDOW_MS });
        const seen: Record<string, Occurrence[]> = { a: [], b: [] };
        let clock = 1_000_000;
        for (const [seq, { gap, lateness, group }] of arrivals.entries()) {
          clock += gap;
          const occurrence = { at: clock - lateness, seq };
          (seen[group] as Occurrence[]).push(occurrence);
          const reached = threshold.push(group, occurrence);
          expect(reached !== null).toBe(naive(seen[group] as Occurrence[], occurrence, atLeast));
          if (reached !== null) expect(reached).toContain(occurrence);
        }
      }),
      { numRuns: 300 },
    );
  });
});
