// Sessions that have ended while an access token of theirs may still be valid. Asked with every request, so in memory; an entry
// lives as long as the longest token.

export interface EndedSessions {
  has(sessionId: string): boolean;
  add(sessionIds: readonly string[], until: number): void;
  readonly size: number;
}

/** Entries after which those that are over are swept out. */
const SWEEP_ENTRIES = 1_000;

export function createEndedSessions(now: () => number): EndedSessions {
  const untilOf = new Map<string, number>();
  let sweepAt = SWEEP_ENTRIES;
  return {
    has: (sessionId) => untilOf.has(sessionId),
    add(sessionIds, until) {
      for (const id of sessionIds) untilOf.set(id, Math.max(until, untilOf.get(id) ?? 0));
      if (untilOf.size < sweepAt) return;
      const moment = now();
      for (const [id, end] of untilOf) if (end <= moment) untilOf.delete(id);
      sweepAt = Math.max(SWEEP_ENTRIES, untilOf.size * 2);
    },
    get size() {
      return untilOf.size;
    },
  };
}
