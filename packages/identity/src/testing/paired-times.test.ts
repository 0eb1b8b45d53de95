import { expect, test } from "vitest";
import { comparePairs, tellsApart } from "./paired-times.ts";

/** Times that repeat exactly, with a long tail like those of a busy machine. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const share = state / 2_147_483_648;
    return 3 + share + (share > 0.9 ? 40 * share : 0);
  };
}
const pairs = (shiftMs: number, seed: number) => {
  const draw = drawing(seed);
  return Array.from({ length: 260 }, () => ({ one: draw() + shiftMs, other: draw() }));
};
const seeds = Array.from({ length: 200 }, (_, index) => index + 1);

test("two kinds that take the same time are told apart by chance in less than one of two hundred comparisons", () => {
  expect(seeds.filter((seed) => tellsApart(comparePairs(pairs(0, seed)))).length).toBeLessThan(1);
});

test("a millisecond in four is found each time, in either direction", () => {
  for (const shift of [1, -1]) {
    expect(seeds.filter((seed) => tellsApart(comparePairs(pairs(shift, seed))))).toHaveLength(seeds.length);
  }
});

test("a difference that nobody sees across a network is none, however certain it is", () => {
  const times = comparePairs(Array.from({ length: 260 }, () => ({ one: 3.05, other: 3 })));
  expect(times.probability).toBeLessThan(1e-9);
  expect(tellsApart(times)).toBe(false);
});

test("the rank test's probabilities are those of the tables", () => {
  const even = comparePairs(
    Array.from({ length: 100 }, (_, index) => ({
      one: index % 2 === 0 ? index + 1 : 0,
      other: index % 2 === 0 ? 0 : index + 1,
    })),
  );
  expect(even.probability).toBeGreaterThan(0.8);
  // All of 30 differences on one side: z = 4.78, p = 1.7e-6.
  const certain = comparePairs(Array.from({ length: 30 }, (_, index) => ({ one: index + 1, other: 0 })));
  expect(certain.probability).toBeCloseTo(1.73e-6, 7);
});
