// Blocked is half of it: an attack counts as handled when it was also seen. One poll of the event log serves all waiting
// attempts of a run, so that watching does not itself become a flood.
import type { EventName } from "@holdfast/policy";
import type { EdgeClient } from "./edge-client.ts";

/** How long after something happened its event may be recorded, by the deployment's own clock. */
export const EVENT_DEADLINE_MS = 2_000;
/** How long a check waits for an event before it believes that none comes; longer, since our own machine may be busy. */
const EVENT_WAIT_MS = 4_000;
const POLL_INTERVAL_MS = 150;
const PAGE_EVENTS = 200;
const PAGES_MAX = 20;

export interface SeenEvent {
  readonly seq: number;
  readonly name: string;
  readonly correlation: string | null;
  readonly requestId: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  readonly reason: string | null;
  /** From what happened to its record, milliseconds; 0 when the record does not tell. */
  readonly delayMs: number;
  /** The whole answer for this event, as text: for checks that look for what must not be in it. */
  readonly text: string;
}

export interface EventWatch {
  /** The event of this name that bears the correlation, or null when none has come. */
  find(correlation: string, name: EventName): Promise<SeenEvent | null>;
  /** Every event of the correlation that is known by now, after one more look at the log. */
  all(correlation: string): Promise<readonly SeenEvent[]>;
}

export function createEventWatch(client: EdgeClient, serviceKey: string): EventWatch {
  const byCorrelation = new Map<string, SeenEvent[]>();
  let newest = -1;
  let polling: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    let cursor: number | null = null;
    let highest = newest;
    for (let page = 0; page < PAGES_MAX; page++) {
      const path = `/platform/v1/events?limit=${PAGE_EVENTS}${cursor === null ? "" : `&cursor=${cursor}`}`;
      const answer = await client.ask({ method: "GET", path, bearer: serviceKey });
      const body = answer.json as { events?: Record<string, unknown>[]; next?: number | null } | undefined;
      const events = body?.events ?? [];
      for (const raw of events) {
        const event = seen(raw);
        if (event.seq <= newest) continue;
        highest = Math.max(highest, event.seq);
        if (event.correlation)
          byCorrelation.set(event.correlation, [...(byCorrelation.get(event.correlation) ?? []), event]);
      }
      const oldest = events.length > 0 ? Number(events.at(-1)?.["seq"]) : newest;
      cursor = body?.next ?? null;
      // The first look only learns where the log ends; what was before the run is not ours.
      if (cursor === null || oldest <= newest || newest < 0) break;
    }
    newest = highest;
  };

  const poll = (): Promise<void> => {
    // Several waiters share one look. A failed look is no event seen: the deadline decides.
    polling ??= read()
      .catch(() => {})
      .finally(() => {
        polling = null;
      });
    return polling;
  };

  return {
    async find(correlation, name) {
      const end = Date.now() + EVENT_WAIT_MS;
      for (;;) {
        const found = byCorrelation.get(correlation)?.find((event) => event.name === name);
        if (found) return found;
        if (Date.now() > end) return null;
        await poll();
        if (byCorrelation.get(correlation)?.some((event) => event.name === name)) continue;
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
    },
    async all(correlation) {
      await poll();
      return byCorrelation.get(correlation) ?? [];
    },
  };
}

function seen(raw: Record<string, unknown>): SeenEvent {
  const text = (field: string): string | null => (typeof raw[field] === "string" ? (raw[field] as string) : null);
  return {
    seq: Number(raw["seq"]),
    name: String(raw["name"]),
    correlation: text("correlation"),
    requestId: text("requestId"),
    subject: text("subject"),
    address: text("address"),
    reason: text("reason"),
    delayMs: Math.max(0, Number(raw["recordedAt"]) - Number(raw["at"])) || 0,
    text: JSON.stringify(raw),
  };
}
