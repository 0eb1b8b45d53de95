// How fast something grows, from samples, and when it reaches a limit. Theil–Sen: the median of the slopes between all pairs, which a
// few outliers (a bulk load, a clean-up) do not move. Too few samples prove nothing, and that is the answer then.
import type { Forecast, SizeSample } from "./shapes.ts";

export const SAMPLES_MIN = 12;
export const SPAN_DAYS_MIN = 1;
/** Samples that are compared, spread evenly over all: 19,900 pairs. */
const SAMPLES_COMPARED = 200;
const DAY_MS = 86_400_000;

/** `room`: bytes until the limit; null when it is not known. */
export function forecast(samples: readonly SizeSample[], room: number | null): Forecast {
  const ordered = samples.toSorted((left, right) => left.at - right.at);
  const first = ordered[0];
  const last = ordered.at(-1);
  const spanDays = first === undefined || last === undefined ? 0 : (last.at - first.at) / DAY_MS;
  const unproven = (reason: string): Forecast => ({ kind: "unproven", reason, samples: samples.length });
  if (samples.length < SAMPLES_MIN) return unproven(`at least ${SAMPLES_MIN} samples are needed`);
  if (spanDays < SPAN_DAYS_MIN) return unproven("the samples must span at least a day");
  const slopes = slopesOf(spread(ordered));
  if (slopes.length === 0) return unproven("the samples are of one moment");
  const bytesPerDay = quantile(slopes, 0.5);
  return {
    kind: "fitted",
    method: "Theil–Sen",
    samples: samples.length,
    spanDays,
    bytesPerDay,
    bytesPerDayRange: [quantile(slopes, 0.25), quantile(slopes, 0.75)],
    daysLeft: room === null || bytesPerDay <= 0 ? null : Math.max(0, room) / bytesPerDay,
  };
}

function spread(ordered: readonly SizeSample[]): readonly SizeSample[] {
  if (ordered.length <= SAMPLES_COMPARED) return ordered;
  const step = (ordered.length - 1) / (SAMPLES_COMPARED - 1);
  return Array.from({ length: SAMPLES_COMPARED }, (_, index) => ordered[Math.round(index * step)] as SizeSample);
}

/** In ascending order. */
function slopesOf(ordered: readonly SizeSample[]): readonly number[] {
  const slopes: number[] = [];
  for (const [index, later] of ordered.entries())
    for (const earlier of ordered.slice(0, index))
      if (later.at > earlier.at) slopes.push(((later.bytes - earlier.bytes) / (later.at - earlier.at)) * DAY_MS);
  return slopes.sort((left, right) => left - right);
}

function quantile(ascending: readonly number[], part: number): number {
  const place = (ascending.length - 1) * part;
  const below = ascending[Math.floor(place)] ?? 0;
  const above = ascending[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}
