// The event log. `append` takes an event at once and never throws or waits; a writer puts batches into the chained table and then
// tells the subscribers, in order. While the database is away events wait, up to a bound; what is lost is counted and recorded.
import { randomUUID } from "node:crypto";
import type { EmitEvent, SecurityEvent } from "@holdfast/policy";
import type { ChainRow } from "../store/chain.ts";
import type { ChainReport } from "../store/chain-report.ts";
import { type ChainedLog, openChainedLog, type StoredRow, toChainRow } from "../store/chained-log.ts";
import type { Database, Statements } from "../store/database.ts";
import type { SealedHead } from "../store/sealed-head.ts";
import { BatchWriter } from "./batch-writer.ts";
import { queryEvents } from "./event-query.ts";
import { createEventQueue, type EventQueue, type WaitingEvent } from "./event-queue.ts";
import type { EventPage, EventQuery, EventRecord } from "./event-record.ts";
import type { EventSpill } from "./event-spill.ts";
import { cleanEvent, ocsfBody, ocsfSequence, ocsfUid, toEventRecord } from "./ocsf.ts";

/** Most events in one transaction. */
const BATCH_EVENTS_MAX = 500;
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
  const { sealedHead } = options;
  const chain = await openChainedLog({
    database,
    table: "event",
    sealedHead,
    sequenceOf: ocsfSequence,
    onSealFailure: onFailure,
  });
  const queue = createEventQueue(options.queueEventsMax);
  const spilled = (await spill?.read()) ?? [];
  queue.unshift(spilled);
  const listeners = new Set<(record: EventRecord) => void>();
  const writer = new BatchWriter<EventRecord>({
    attempt: (isRepeated) => writeBatch(database, chain, queue, now(), isRepeated || spilled.length > 0),
    publish: (records) => {
      for (const record of records) for (const listener of listeners) listener(record);
    },
    onFailure,
  });
  if (spilled.length > 0) {
    await writer.drain();
    if (queue.length === 0) await spill?.write([]);
  }
  return logOf({ options, chain, queue, writer, listeners });
}

interface Parts {
  readonly options: EventLogOptions;
  readonly chain: ChainedLog;
  readonly queue: EventQueue;
  readonly writer: BatchWriter<EventRecord>;
  readonly listeners: Set<(record: EventRecord) => void>;
}

function logOf({ options, chain, queue, writer, listeners }: Parts): EventLog {
  let refused = 0;
  let isClosed = false;
  return {
    append(event: SecurityEvent) {
      const clean = isClosed ? null : cleanEvent(event);
      if (clean === null) refused += 1;
      else if (queue.push(clean)) writer.wake();
    },
    flush: () => writer.drain(),
    async close() {
      isClosed = true;
      await writer.stop(CLOSE_MS);
      await options.spill?.write(queue.peek(queue.length));
      await chain.sealed();
    },
    verify: () => chain.verify(),
    query: (query) => queryEvents(options.database, query),
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
  queue: EventQueue,
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
