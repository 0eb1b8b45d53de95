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
  /** Learns where the log ends. What was recorded before is not the run's; without this, everything recorded might be. */
  begin(): Promise<void>;
  /** The event of this name that bears the correlation, or null when none has come. */
  find(correlation: string, name: EventName): Promise<SeenEvent | null>;
  /** Every event of the correlation that is known by now, after one more look at the log. */
  all(correlation: string): Promise<readonly SeenEvent[]>;
}

export function createEventWatch(client: EdgeClient, serviceKey: string): EventWatch {
  const byCorrelation = new Map<string, SeenEvent[]>();
  let newest = 0;
  let polling: Promise<void> | null = null;

  const readPage = async (limit: number, cursor: number | null): Promise<EventPage> => {
    const path = `/platform/v1/events?limit=${limit}${cursor === null ? "" : `&cursor=${cursor}`}`;
    const answer = await client.ask({ method: "GET", path, bearer: serviceKey });
    // A refusal is no empty page: taken for one, it would hide what older pages still hold.
    if (answer.status !== 200) throw new Error(`expected a page of events, got status ${answer.status}`);
    return answer.json as EventPage;
  };

  /** Newest first, back to what is already known. */
  const read = async (): Promise<void> => {
    const fresh: SeenEvent[] = [];
    let cursor: number | null = null;
    for (let page = 0; page < PAGES_MAX; page++) {
      const { events, next }: EventPage = await readPage(PAGE_EVENTS, cursor);
      const unknown = events.map(seen).filter((event) => event.seq > newest);
      fresh.push(...unknown);
      cursor = next;
      if (cursor === null || unknown.length < events.length) break;
    }
    // Only now: a look that failed half-way is taken again as a whole.
    for (const event of fresh) {
      newest = Math.max(newest, event.seq);
      if (event.correlation === null) continue;
      byCorrelation.set(event.correlation, [...(byCorrelation.get(event.correlation) ?? []), event]);
    }
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
    async begin() {
      const { events } = await readPage(1, null);
      newest = Math.max(newest, Number(events[0]?.["seq"] ?? 0));
    },
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

interface EventPage {
  readonly events: readonly Record<string, unknown>[];
  readonly next: number | null;
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
