// What is too slow, too long or too full: an event when a limit is reached, and the next one only after it was not. No text of a
// statement enters an event, only its number.
import type { EmitEvent } from "@holdfast/policy";
import type { DatabaseWatch, StudiedStatement } from "@holdfast/postgres";
import type { Growth, PerformanceLimits } from "./performance-shapes.ts";

export const usualLimits: PerformanceLimits = { blockedMs: 30_000, slowMeanMs: 1_000, slowCalls: 5, daysLeft: 14 };

/** Statements that are remembered between two studies. */
const REMEMBERED_MAX = 500;

export class LimitWatch {
  readonly #limits: PerformanceLimits;
  readonly #emit: EmitEvent;
  readonly #now: () => number;
  readonly #reached = new Set<string>();
  #before = new Map<string, Pick<StudiedStatement, "calls" | "totalMs">>();

  constructor(limits: PerformanceLimits, emit: EmitEvent, now: () => number) {
    this.#limits = limits;
    this.#emit = emit;
    this.#now = now;
  }

  watched({ activity }: DatabaseWatch): void {
    const { longestBlockedMs: waitedMs, blocked } = activity;
    this.#tell("blocked", waitedMs > this.#limits.blockedMs, "database.blocked", {
      waitedMs: Math.round(waitedMs),
      blocked,
      holder: activity.blocking[0]?.session?.login ?? "unknown",
    });
  }

  studied(statements: readonly StudiedStatement[]): void {
    for (const { id, role, calls, totalMs } of statements) {
      const before = this.#before.get(`${id} ${role}`);
      // Fewer than before: the counters began anew.
      const isSame = before !== undefined && before.calls <= calls;
      const newCalls = calls - (isSame ? before.calls : 0);
      const meanMs = newCalls === 0 ? 0 : (totalMs - (isSame ? before.totalMs : 0)) / newCalls;
      const isSlow = newCalls >= this.#limits.slowCalls && meanMs > this.#limits.slowMeanMs;
      this.#tell(`slow ${id} ${role}`, isSlow, "database.slow", {
        statement: id,
        role,
        calls: newCalls,
        meanMs: Math.round(meanMs),
      });
    }
    this.#before = new Map(
      statements.slice(0, REMEMBERED_MAX).map(({ id, role, calls, totalMs }) => [`${id} ${role}`, { calls, totalMs }]),
    );
    const known = new Set([...this.#before.keys()].map((key) => `slow ${key}`));
    for (const key of this.#reached) if (key.startsWith("slow ") && !known.has(key)) this.#reached.delete(key);
  }

  grown({ forecast }: Growth): void {
    const daysLeft = forecast.kind === "fitted" ? forecast.daysLeft : null;
    this.#tell("filling", daysLeft !== null && daysLeft < this.#limits.daysLeft, "database.filling", {
      daysLeft: Math.floor(daysLeft ?? 0),
    });
  }

  #tell(
    key: string,
    isReached: boolean,
    name: "database.blocked" | "database.slow" | "database.filling",
    detail: Readonly<Record<string, string | number>>,
  ): void {
    if (!isReached) this.#reached.delete(key);
    else if (!this.#reached.has(key)) {
      this.#reached.add(key);
      this.#emit({ name, at: this.#now(), service: "platform", detail });
    }
  }
}
