// Where events wait until they are written. Bounded: when it is full the newcomer is lost and counted, for the beginning of an
// attack tells more than its end, and a request never waits.
import { randomUUID } from "node:crypto";
import type { CleanEvent } from "./ocsf.ts";

/** Most events that wait. At 1 KB each this is about 10 MB. */
const QUEUE_EVENTS_MAX = 10_000;

/** An event with the id it will be recorded under, fixed when it happened so that a repeated write can be recognised. */
export interface WaitingEvent {
  readonly uid: string;
  readonly event: CleanEvent;
}

export interface EventQueue {
  readonly length: number;
  /** Lost since the start. */
  readonly dropped: number;
  /** False when the queue is full and the event is lost. */
  push(event: CleanEvent): boolean;
  /** Puts events of an earlier process first. Never drops. */
  unshift(events: readonly WaitingEvent[]): void;
  /** The oldest events, which stay in the queue until `remove`. */
  peek(count: number): readonly WaitingEvent[];
  remove(count: number): void;
  /** Losses since the last call. */
  takeLosses(): number;
}

export function createEventQueue(eventsMax = QUEUE_EVENTS_MAX): EventQueue {
  let waiting: WaitingEvent[] = [];
  let dropped = 0;
  let unreported = 0;
  return {
    get length() {
      return waiting.length;
    },
    get dropped() {
      return dropped;
    },
    push(event) {
      if (waiting.length >= eventsMax) {
        dropped += 1;
        unreported += 1;
        return false;
      }
      waiting.push({ uid: randomUUID(), event });
      return true;
    },
    unshift(events) {
      waiting = [...events, ...waiting];
    },
    peek: (count) => waiting.slice(0, count),
    remove(count) {
      waiting.splice(0, count);
    },
    takeLosses() {
      const losses = unreported;
      unreported = 0;
      return losses;
    },
  };
}
