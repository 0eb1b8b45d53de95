// How busy the database was, in a ring of bounded length: made of what changed between two looks.
import type { DatabaseWatch } from "@holdfast/postgres";
import type { LoadPoint } from "./performance-shapes.ts";

/** Six hours at a look each 15 seconds. */
const POINTS_MAX = 1_440;
/** Points that are told: means of neighbours. */
const TOLD_MAX = 120;
const SECOND_MS = 1_000;

interface Counted {
  readonly at: number;
  readonly calls: number;
  readonly totalMs: number;
  readonly hit: number;
  readonly read: number;
}

export class LoadHistory {
  readonly #points: LoadPoint[] = [];
  #last: Counted | undefined;

  add(at: number, watch: DatabaseWatch): void {
    const now = countedIn(at, watch);
    this.#points.push(pointOf(now, this.#last, watch));
    if (this.#points.length > POINTS_MAX) this.#points.shift();
    this.#last = now;
  }

  told(): readonly LoadPoint[] {
    const size = Math.ceil(this.#points.length / TOLD_MAX);
    if (size <= 1) return [...this.#points];
    const groups = Math.ceil(this.#points.length / size);
    return Array.from({ length: groups }, (_, index) => meanOf(this.#points.slice(index * size, (index + 1) * size)));
  }
}

function countedIn(at: number, { roles, counters }: DatabaseWatch): Counted {
  return {
    at,
    calls: roles.reduce((sum, { calls }) => sum + calls, 0),
    totalMs: roles.reduce((sum, { totalMs }) => sum + totalMs, 0),
    hit: counters?.blocksHit ?? 0,
    read: counters?.blocksRead ?? 0,
  };
}

function pointOf(now: Counted, last: Counted | undefined, { activity }: DatabaseWatch): LoadPoint {
  const point = { at: now.at, active: activity.states["active"] ?? 0, blocked: activity.blocked };
  const seconds = last === undefined ? 0 : (now.at - last.at) / SECOND_MS;
  // Less than before: somebody reset the counters, or the server was started again.
  if (last === undefined || seconds <= 0 || now.calls < last.calls || now.hit < last.hit)
    return { ...point, callsPerSecond: null, load: null, hitShare: null };
  const blocks = now.hit - last.hit + (now.read - last.read);
  return {
    ...point,
    callsPerSecond: (now.calls - last.calls) / seconds,
    load: Math.max(0, now.totalMs - last.totalMs) / SECOND_MS / seconds,
    hitShare: blocks <= 0 ? null : (now.hit - last.hit) / blocks,
  };
}

function meanOf(points: readonly LoadPoint[]): LoadPoint {
  const mean = (pick: (point: LoadPoint) => number | null): number | null => {
    const known = points.flatMap((point) => pick(point) ?? []);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    at: points.at(-1)?.at ?? 0,
    active: mean(({ active }) => active) ?? 0,
    blocked: mean(({ blocked }) => blocked) ?? 0,
    callsPerSecond: mean(({ callsPerSecond }) => callsPerSecond),
    load: mean(({ load }) => load),
    hitShare: mean(({ hitShare }) => hitShare),
  };
}
