// Where events go that could not be written before the process stopped. The next start records them first.
import type { WaitingEvent } from "./event-queue.ts";

export interface EventSpill {
  /** Events of an earlier process; empty when there are none. */
  read(): Promise<readonly WaitingEvent[]>;
  /** Replaces what is spilled. */
  write(events: readonly WaitingEvent[]): Promise<void>;
}
