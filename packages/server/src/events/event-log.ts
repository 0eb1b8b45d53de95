// The event log. `append` takes an event at once and never throws or waits; a writer puts batches into the chained table and then
// tells the subscribers, in order. While the database is away events wait, up to a bound; what is lost is counted and recorded.
import { randomUUID } from "node:crypto";
import type { EmitEvent, SecurityEvent } from "@holdfast/policy";
import type { ChainRow } from "../store/chain.ts";
import type { ChainReport } from "../store/chain-report.ts";
import { type ChainedLog, openChainedLog, type StoredRow, toChainRow } from "../store/chained-log.ts";
import type { Database, Statements } from "../store/database.ts";
import type { SealedHead } from "../store/sealed-head.ts";
import { queryEvents } from "./event-query.ts";
import { createEventQueue, type WaitingEvent } from "./event-queue.ts";
import type { EventPage, EventQuery, EventRecord } from "./event-record.ts";
import type { EventSpill } from "./event-spill.ts";
import { cleanEvent, ocsfBody, ocsfSequence, ocsfUid, toEventRecord } from "./ocsf.ts";

/** Most events in one transaction. */
const BATCH_EVENTS_MAX = 500;
/** Pause after a failed write; doubles up to the longest. */
const RETRY_FIRST_MS = 100;
const RETRY_LONGEST_MS = 5_000;
/** How long `close` tries to write before it spills what is left. */
const CLOSE_MS = 5_000;

export interface EventLog {
  readonly append: EmitEvent;
  /** Resolves when everything appended so far is written, or the last attempt to write it failed. */
  flush(): Promise<void>;
  /** Writes what waits, or spills it, and takes no more. */
  close(): Promise<void>;
  verify(): Promise<ChainReport>;
  query(query: EventQuery): Promise<EventPage>;
  /** Records after `seq`, oldest first. */
  replay(afterSeq: number): AsyncIterable<readonly EventRecord[]>;
  /** Calls back for every record once it is written, in order. A listener must not throw. */
  subscribe(listener: (record: EventRecord) => void): () => void;
  readonly newestSeq: number;
  readonly waiting: number;
  readonly dropped: number;
  /** Events refused because they are not ones: an unknown name or no time. */
  readonly refused: number;
  /** True while the last write failed. */
  readonly isFailing: boolean;
}

export interface EventLogOptions {
  readonly database: Database;
  readonly sealedHead: SealedHead;
  readonly now: () => number;
  readonly spill?: EventSpill;
  readonly queueEventsMax?: number;
  /** Told of failures of the writer; never of the content of an event. */
  readonly onFailure?: (cause: unknown) => void;
}

/** Opens the log and records first what an earlier process could not. */
export async function eventLog(options: EventLogOptions): Promise<EventLog> {
  const { database, now, spill } = options;
  const onFailure = options.onFailure ?? (() => undefined);
  const chain = await openChainedLog({
    database,
    table: "event",
    sealedHead: options.sealedHead,
    sequenceOf: ocsfSequence,
    onSealFailure: onFailure,
  });
  const queue = createEventQueue(options.queueEventsMax);
  const spilled = (await spill?.read()) ?? [];
  queue.unshift(spilled);
  const listeners = new Set<(record: EventRecord) => void>();
  const writer = createWriter({
    attempt: (isRepeated) => writeBatch(database, chain, queue, now(), isRepeated || spilled.length > 0),
    publish: (records) => {
      for (const record of records) for (const listener of listeners) listener(record);
    },
    onFailure,
  });
  let refused = 0;
  let isClosed = false;

  const append = (event: SecurityEvent): void => {
    const clean = isClosed ? null : cleanEvent(event);
    if (clean === null) {
      refused += 1;
      return;
    }
    if (queue.push(clean)) writer.wake();
  };

  if (spilled.length > 0) {
    await writer.drain();
    if (queue.length === 0) await spill?.write([]);
  }

  return {
    append,
    flush: () => writer.drain(),
    async close() {
      isClosed = true;
      await writer.stop(CLOSE_MS);
      await spill?.write(queue.peek(queue.length));
      await chain.sealed();
    },
    verify: () => chain.verify(),
    query: (query) => queryEvents(database, query),
    async *replay(afterSeq) {
      for await (const rows of chain.pagesAfter(afterSeq)) yield rows.map(toEventRecord);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get newestSeq() {
      return chain.head.seq;
    },
    get waiting() {
      return queue.length;
    },
    get dropped() {
      return queue.dropped;
    },
    get refused() {
      return refused;
    },
    get isFailing() {
      return writer.isFailing;
    },
  };
}

/**
 * Writes the oldest waiting events in one transaction; null when nothing waits. After a failure, or for events of an earlier
 * process, an attempt may have committed without our hearing of it (`mayBeThere`): what is there is not written twice.
 */
async function writeBatch(
  database: Database,
  chain: ChainedLog,
  queue: ReturnType<typeof createEventQueue>,
  at: number,
  mayBeThere: boolean,
): Promise<readonly EventRecord[] | null> {
  const losses = queue.takeLosses();
  if (losses > 0) {
    const lost = { name: "platform.events-lost", at, service: "platform", detail: { count: losses } } as const;
    queue.unshift([{ uid: randomUUID(), event: lost }]);
  }
  const batch = queue.peek(BATCH_EVENTS_MAX);
  if (batch.length === 0) return null;
  const rows = await database.transaction(async (statements) => {
    const there = mayBeThere ? await recordedRows(statements, batch) : [];
    const known = new Set(there.map((row) => ocsfUid(row.body)));
    const fresh = batch.filter((waiting) => !known.has(waiting.uid));
    const bodies = fresh.map((waiting) => (seq: number) => ocsfBody(waiting.event, { seq, at, uid: waiting.uid }));
    return bodies.length === 0 ? there : [...there, ...(await chain.appendIn(statements, bodies))];
  });
  queue.remove(batch.length);
  chain.committed(rows);
  return rows.map(toEventRecord);
}

async function recordedRows(statements: Statements, batch: readonly WaitingEvent[]): Promise<readonly ChainRow[]> {
  const earliest = Math.min(...batch.map((waiting) => waiting.event.at));
  const { rows } = await statements.query<StoredRow>(
    `SELECT seq, body, previous_hash, hash FROM platform.event
     WHERE at >= $1 AND body::jsonb #>> '{metadata,uid}' = ANY ($2::text[]) ORDER BY seq`,
    [earliest, batch.map((waiting) => waiting.uid)],
  );
  return rows.map(toChainRow);
}

interface WriterOptions {
  /** Writes one batch; null when nothing waits. `isRepeated` after a failure. */
  attempt(isRepeated: boolean): Promise<readonly EventRecord[] | null>;
  publish(records: readonly EventRecord[]): void;
  onFailure(cause: unknown): void;
}

/** Runs one attempt at a time; after a failure it tries again after a pause, or at once when asked to drain. */
function createWriter({ attempt, publish, onFailure }: WriterOptions) {
  let running: Promise<boolean> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pauseMs = RETRY_FIRST_MS;
  let isFailing = false;
  let isStopped = false;
  /** Something was appended since the last attempt began. */
  let isDirty = false;

  const writeAll = async (): Promise<void> => {
    do {
      isDirty = false;
      for (let records = await attempt(isFailing); records !== null; records = await attempt(false)) {
        isFailing = false;
        publish(records);
      }
    } while (isDirty);
    isFailing = false;
    pauseMs = RETRY_FIRST_MS;
  };

  /** Writes until nothing waits; false when an attempt failed. `running` is cleared in the same step that saw nothing waiting. */
  const round = async (): Promise<boolean> => {
    // One turn of the event loop gathers the events of the requests that are under way into one batch.
    await new Promise((resolve) => setImmediate(resolve));
    try {
      await writeAll();
      running = undefined;
      return true;
    } catch (cause) {
      // The events stay in the queue; the pause keeps a dead database from being asked in a loop.
      isFailing = true;
      running = undefined;
      if (!isStopped) {
        timer = setTimeout(() => void run(), pauseMs);
        timer.unref();
        pauseMs = Math.min(pauseMs * 2, RETRY_LONGEST_MS);
      }
      onFailure(cause);
      return false;
    }
  };

  const run = (): Promise<boolean> => {
    clearTimeout(timer);
    timer = undefined;
    isDirty = true;
    running ??= round();
    return running;
  };

  return {
    get isFailing() {
      return isFailing;
    },
    wake(): void {
      // While a retry is due, new events wait for it.
      if (timer === undefined) void run();
    },
    async drain(): Promise<void> {
      if (running !== undefined && !(await running)) return;
      await run();
    },
    async stop(withinMs: number): Promise<void> {
      isStopped = true;
      let timeout: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timeout = setTimeout(resolve, withinMs);
      });
      await Promise.race([this.drain(), late]);
      clearTimeout(timeout);
      clearTimeout(timer);
    },
  };
}
