// Do two kinds of request take different times? Each pair is measured back to back, in random order, so that whatever else the
// machine does meets both; what counts are the differences within pairs, by rank and by median, which a few slow requests cannot move.

export interface PairedTimes {
  readonly pairs: number;
  /** Median of one minus the other within a pair. */
  readonly differenceMs: number;
  /** Median of all times. */
  readonly usualMs: number;
  /** How often such ranks, or stranger ones, come about where both kinds take the same time (Wilcoxon's signed-rank test, two-sided). */
  readonly probability: number;
}

const half = 0.5;

/** Times of both kinds. `one` and `other` are given the pair's number. */
export async function measurePairs(
  pairs: number,
  one: (pair: number) => Promise<unknown>,
  other: (pair: number) => Promise<unknown>,
): Promise<PairedTimes> {
  const times: { readonly one: number; readonly other: number }[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    if (Math.random() < half) {
      const first = await timed(() => one(pair));
      times.push({ one: first, other: await timed(() => other(pair)) });
    } else {
      const first = await timed(() => other(pair));
      times.push({ one: await timed(() => one(pair)), other: first });
    }
  }
  return comparePairs(times);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function comparePairs(times: readonly { readonly one: number; readonly other: number }[]): PairedTimes {
  const differences = times.map(({ one, other }) => one - other);
  return {
    pairs: times.length,
    differenceMs: median(differences),
    usualMs: median(times.flatMap(({ one, other }) => [one, other])),
    probability: signedRankProbability(differences),
  };
}

/** Less than this is not what an attacker sees across a network, in the few attempts that a limit leaves. */
const shareTold = 0.1;
const probabilityTold = 1e-4;

/** Would somebody who measures see which is which? It takes both: a difference that is no chance, and one of a size that matters. */
export const tellsApart = ({ differenceMs, usualMs, probability }: PairedTimes): boolean =>
  probability < probabilityTold && Math.abs(differenceMs) > shareTold * usualMs;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.floor(sorted.length / 2)] ?? 0)) / 2;
}

/** By the normal approximation, which is good beyond 20 pairs. Equal differences hardly occur among times and get ranks in order. */
function signedRankProbability(differences: readonly number[]): number {
  const ranked = differences.filter((difference) => difference !== 0).toSorted((a, b) => Math.abs(a) - Math.abs(b));
  const count = ranked.length;
  if (count === 0) return 1;
  const positive = ranked.reduce((sum, difference, index) => sum + (difference > 0 ? index + 1 : 0), 0);
  const mean = (count * (count + 1)) / 4;
  const deviation = Math.sqrt((count * (count + 1) * (2 * count + 1)) / 24);
  return Math.min(1, 2 * upperTail(Math.abs(positive - mean) / deviation));
}

/** P(Z > z) of the standard normal distribution for z ≥ 0 (Abramowitz and Stegun 26.2.17; error below 1e-7). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
}
