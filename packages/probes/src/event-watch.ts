// Blocked is half of it: an attack counts as handled when it was also seen. One poll of the event log serves all waiting
// attempts of a run, so that watching does not itself become a flood.
import type { EventName } from "@holdfast/policy";
import type { EdgeClient } from "./edge-client.ts";

/** How long after something happened its event may be recorded, by the deployment's own clock. */
export const EVENT_DEADLINE_MS = 2_000;
/** How long a check waits for an event before it believes that none comes; longer, since our own machine may be busy. */
const EVENT_WAIT_MS = 4_000;
/** How much longer it tries to look once more when that time is over: a look that was begun before it, or failed, says nothing. */
const LAST_LOOK_MS = 10_000;
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
  /** The port that the client spoke from, where the edge has told it. */
  readonly port: number | null;
  readonly reason: string | null;
  /** From what happened to its record, milliseconds; 0 when the record does not tell. */
  readonly delayMs: number;
  /** The whole answer for this event, as text: for checks that look for what must not be in it. */
  readonly text: string;
}

/**
 * How an attempt is recognised in the log. By its own correlation id, where its fields were read; by the id that its answer
 * bore, where it was refused before; and where not even an answer came, by the address and port it was sent from.
 */
export type EventTrace =
  | { readonly correlation: string }
  | { readonly requestId: string }
  | { readonly address: string; readonly port: number };

export interface EventWatch {
  /** Learns where the log ends. What was recorded before is not the run's; without this, everything recorded might be. */
  begin(): Promise<void>;
  /** The event of this name that the attempt left, or null when none has come. One of several names when a list. */
  find(trace: EventTrace, name: EventName | readonly EventName[]): Promise<SeenEvent | null>;
  /** Every event of the correlation that is known by now, after one more look at the log. */
  all(correlation: string): Promise<readonly SeenEvent[]>;
}

export function createEventWatch(client: EdgeClient, serviceKey: string): EventWatch {
  const byTrace = new Map<string, SeenEvent[]>();
  let newest = 0;
  let polling: Promise<void> | null = null;
  /** When the newest look began that was answered, milliseconds since 1970. */
  let lookedAt = 0;

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
      for (const key of keysOf(event)) byTrace.set(key, [...(byTrace.get(key) ?? []), event]);
    }
  };

  const poll = (): Promise<void> => {
    const began = Date.now();
    // Several waiters share one look. A failed look has seen nothing, and is no look.
    polling ??= read()
      .then(
        () => {
          lookedAt = began;
        },
        () => {},
      )
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
    async find(trace, name) {
      const end = Date.now() + EVENT_WAIT_MS;
      const names: readonly string[] = typeof name === "string" ? [name] : name;
      const known = (): SeenEvent | undefined => byTrace.get(keyOf(trace))?.find((event) => names.includes(event.name));
      for (;;) {
        const found = known();
        if (found) return found;
        if (lookedAt > end || Date.now() > end + LAST_LOOK_MS) return null;
        await poll();
        if (known()) continue;
        await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
      }
    },
    async all(correlation) {
      await poll();
      return byTrace.get(keyOf({ correlation })) ?? [];
    },
  };
}

function keyOf(trace: EventTrace): string {
  if ("correlation" in trace) return `correlation ${trace.correlation}`;
  return "requestId" in trace ? `request ${trace.requestId}` : `from ${trace.address} ${trace.port}`;
}

function keysOf({ correlation, requestId, address, port }: SeenEvent): string[] {
  return [
    ...(correlation === null ? [] : [keyOf({ correlation })]),
    ...(requestId === null ? [] : [keyOf({ requestId })]),
    // What names itself by a correlation is found by that: a port is used again by the next connection.
    ...(correlation !== null || address === null || port === null ? [] : [keyOf({ address, port })]),
  ];
}

interface EventPage {
  readonly events: readonly Record<string, unknown>[];
  readonly next: number | null;
}

function seen(raw: Record<string, unknown>): SeenEvent {
  const text = (field: string): string | null => (typeof raw[field] === "string" ? (raw[field] as string) : null);
  const detail = (raw["detail"] ?? {}) as Record<string, unknown>;
  return {
    seq: Number(raw["seq"]),
    name: String(raw["name"]),
    correlation: text("correlation"),
    requestId: text("requestId"),
    subject: text("subject"),
    address: text("address"),
    port: typeof detail["port"] === "number" ? detail["port"] : null,
    reason: text("reason"),
    delayMs: Math.max(0, Number(raw["recordedAt"]) - Number(raw["at"])) || 0,
    text: JSON.stringify(raw),
  };
}
