// Archives the write-ahead log continuously: a receiver of the replication protocol that seals what arrives and confirms it to
// the server only when it is stored. A slot makes the server keep what was not confirmed, so an interruption loses nothing; as a
// synchronous standby it makes commits wait until they are stored.
import { setTimeout as wait } from "node:timers/promises";
import type { KeyWrapper } from "@holdfast/vault";
import { BackupError } from "../error.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { ARCHIVER_NAME } from "./archiver-name.ts";
import type { BackupTarget } from "./backup-target.ts";
import { LogBlock } from "./log-block.ts";
import { LOG_PIECE_BYTES_MAX, LogSealer, listLogPieces } from "./log-piece.ts";
import { formatLogPosition, fromServerTime, parseLogPosition, toServerTime } from "./log-position.ts";
import type { CopyBoth } from "./replication-connection.ts";
import { openSource, refusal, type SourceServer } from "./source-server.ts";

export interface LogArchiverOptions {
  /** How to connect as the backup role. */
  readonly settings: GuardedSettings;
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** How long what arrived may wait to be stored, in milliseconds; 0 stores at once, as a synchronous standby must. */
  readonly storeWithinMs: number;
  readonly slot?: string;
  /** Told of what somebody should know: the archive stands still, goes on, or has a gap. */
  readonly onChange?: (change: ArchiveChange) => void;
}

export type ArchiveChange =
  | { readonly kind: "running" }
  | { readonly kind: "interrupted"; readonly cause: BackupError }
  /** The log between the two is nowhere any more: restoring across it is impossible, a new base backup is needed. */
  | { readonly kind: "gap"; readonly from: string; readonly to: string };

export interface ArchiveState {
  readonly isRunning: boolean;
  readonly system: string | undefined;
  readonly timeline: number | undefined;
  /** Everything before it is stored. */
  readonly storedTo: bigint | undefined;
  /** Up to when, by the server's clock in milliseconds since 1970, everything is stored. */
  readonly reachesTo: number | undefined;
  readonly lastProblem: BackupError | undefined;
}

export interface LogArchiver {
  state(): ArchiveState;
  /** Resolves when everything the server has written by now is stored. @throws BackupError after `timeoutMs`. */
  catchUp(position: bigint, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

const DEFAULT_SLOT = ARCHIVER_NAME;
const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 30_000;
const STATUS_INTERVAL_MS = 10_000;
const CATCH_UP_POLL_MS = 20;
/** Arrived and not stored yet, in memory: more waits at the server. */
const BACKLOG_BYTES_MAX = 64n * 1024n * 1024n;

/** PostgreSQL 18 §54.4, START_REPLICATION: kinds of messages, and where their parts are. */
const XLOG_DATA = 0x77;
const KEEPALIVE = 0x6b;
const STANDBY_STATUS = 0x72;
const DATA_HEAD_BYTES = 25;

/** Starts archiving and keeps at it until it is stopped. */
export function startLogArchiver(options: LogArchiverOptions): LogArchiver {
  const archiver = new Receiver(options);
  const running = archiver.run();
  return {
    state: () => archiver.state(),
    async catchUp(position, timeoutMs) {
      for (let waitedMs = 0; (archiver.state().storedTo ?? 0n) < position; waitedMs += CATCH_UP_POLL_MS) {
        if (waitedMs >= timeoutMs) throw archiver.late(position);
        archiver.storeSoon();
        await wait(CATCH_UP_POLL_MS);
      }
    },
    async stop() {
      archiver.stop();
      await running;
    },
  };
}

class Receiver {
  readonly #options: LogArchiverOptions;
  readonly #stopping = new AbortController();
  #source: SourceServer | undefined;
  #block: LogBlock | undefined;
  #copy: CopyBoth | undefined;
  #isRunning = false;
  #reachesTo: number | undefined;
  #storedTo: bigint | undefined;
  #identity: { readonly system: string; readonly timeline: number } | undefined;
  #lastProblem: BackupError | undefined;

  constructor(options: LogArchiverOptions) {
    this.#options = options;
  }

  state(): ArchiveState {
    return {
      isRunning: this.#isRunning,
      system: this.#identity?.system,
      timeline: this.#identity?.timeline,
      storedTo: this.#storedTo,
      reachesTo: this.#reachesTo,
      lastProblem: this.#lastProblem,
    };
  }

  late(position: bigint): BackupError {
    return new BackupError("backup/interrupted", {
      expected: `the log to be archived up to ${formatLogPosition(position)}`,
      found: this.#storedTo === undefined ? "nothing archived yet" : formatLogPosition(this.#storedTo),
      hint: "Is the target slow, full or unreachable?",
      cause: this.#lastProblem,
    });
  }

  storeSoon(): void {
    this.#block?.storeSoon();
  }

  stop(): void {
    this.#stopping.abort();
    this.#source?.connection.destroy();
  }

  async run(): Promise<void> {
    let retryMs = RETRY_MIN_MS;
    while (!this.#stopping.signal.aborted) {
      const startedAt = performance.now();
      try {
        await this.#receive();
        if (!this.#stopping.signal.aborted) throw refusal(new Error("the server ended the stream"));
      } catch (cause) {
        if (this.#stopping.signal.aborted) break;
        this.#lastProblem = cause instanceof BackupError ? cause : refusal(cause);
        this.#options.onChange?.({ kind: "interrupted", cause: this.#lastProblem });
      } finally {
        await this.#close();
      }
      if (performance.now() - startedAt > RETRY_MAX_MS) retryMs = RETRY_MIN_MS;
      await wait(retryMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined); // Stopped while waiting.
      retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
    }
  }

  async #close(): Promise<void> {
    this.#isRunning = false;
    this.#copy = undefined;
    // What arrived is stored before anybody hears that archiving has stopped; when that fails the server still has it.
    await this.#block?.finish().catch(() => undefined);
    this.#block = undefined;
    this.#source?.connection.destroy();
    this.#source = undefined;
  }

  async #receive(): Promise<void> {
    const { settings, target, keys, storeWithinMs } = this.#options;
    const source = await openSource(settings, ARCHIVER_NAME);
    this.#source = source;
    this.#stopping.signal.throwIfAborted();
    const { system, timeline } = source;
    this.#identity = { system, timeline };
    const start = await this.#whereToStart(source);
    const sealer = await LogSealer.create(keys, system);
    this.#storedTo = start;
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined); // Also awaited below.
    const block = new LogBlock({
      target,
      sealer,
      system,
      timeline,
      start,
      storeWithinMs,
      blockBytes: Math.min(source.segmentBytes, LOG_PIECE_BYTES_MAX),
      onStored: (position, reachesTo) => {
        this.#storedTo = position;
        this.#reachesTo = reachesTo;
        this.#sendStatus();
        if (block.receivedTo - position < BACKLOG_BYTES_MAX) source.connection.resume();
      },
      onFailure: (cause) => failed.reject(cause),
    });
    this.#block = block;
    const slot = this.#options.slot ?? DEFAULT_SLOT;
    const copy = source.connection.copyBoth(
      `START_REPLICATION SLOT ${slot} PHYSICAL ${formatLogPosition(start)} TIMELINE ${timeline}`,
      (message) => this.#onMessage(message, block),
    );
    this.#copy = copy;
    const status = setInterval(() => this.#sendStatus(), STATUS_INTERVAL_MS);
    try {
      await Promise.race([copy.done, failed.promise]);
    } finally {
      clearInterval(status);
    }
  }

  #onMessage(message: Buffer, block: LogBlock): void {
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#lastProblem = undefined;
      this.#options.onChange?.({ kind: "running" });
    }
    if (message[0] === XLOG_DATA) {
      const sentAt = fromServerTime(message.readBigInt64BE(17));
      block.add(message.readBigUInt64BE(1), message.subarray(DATA_HEAD_BYTES), sentAt);
      if (block.receivedTo - (this.#storedTo ?? 0n) >= BACKLOG_BYTES_MAX) this.#source?.connection.pause();
    } else if (message[0] === KEEPALIVE) {
      // Nothing was written up to then that we have not stored.
      if (message.readBigUInt64BE(1) <= (this.#storedTo ?? 0n))
        this.#reachesTo = fromServerTime(message.readBigInt64BE(9));
      if (message[17] === 1) this.#sendStatus();
    }
  }

  #sendStatus(): void {
    const stored = this.#storedTo;
    if (this.#copy === undefined || stored === undefined) return;
    const status = Buffer.alloc(34);
    status[0] = STANDBY_STATUS;
    status.writeBigUInt64BE(this.#block?.receivedTo ?? stored, 1);
    status.writeBigUInt64BE(stored, 9);
    status.writeBigUInt64BE(stored, 17);
    status.writeBigInt64BE(toServerTime(Date.now()), 25);
    this.#copy.send(status);
  }

  /** Where the archive ends, when the server still has what follows; else where the server can begin, and that is a gap. */
  async #whereToStart({ connection, system, timeline, segmentBytes }: SourceServer): Promise<bigint> {
    const slot = this.#options.slot ?? DEFAULT_SLOT;
    const [state] = await connection.rows(slotStatement(slot));
    if (state === undefined) await connection.rows(`CREATE_REPLICATION_SLOT ${slot} PHYSICAL RESERVE_WAL`);
    const isLost = state?.["is_lost"] === "t";
    const [found] = await connection.rows(`READ_REPLICATION_SLOT ${slot}`);
    const kept = isLost ? undefined : parseLogPosition(found?.["restart_lsn"] ?? "");
    const pieces = await listLogPieces(this.#options.target, system, timeline);
    const archivedTo = pieces.at(-1)?.end;
    const written = await writtenTo(connection);
    if (kept === undefined) return this.#afterLostSlot(connection, slot, archivedTo, BigInt(segmentBytes));
    const begin = kept - (kept % BigInt(segmentBytes));
    if (archivedTo === undefined) return begin;
    if (archivedTo > written) throw otherWriter(archivedTo, written);
    if (archivedTo >= begin) return archivedTo;
    this.#tellGap(archivedTo, begin);
    return begin;
  }

  /** The server no longer keeps what it promised. */
  async #afterLostSlot(
    connection: SourceServer["connection"],
    slot: string,
    archivedTo: bigint | undefined,
    segmentBytes: bigint,
  ): Promise<bigint> {
    await connection.rows(`DROP_REPLICATION_SLOT ${slot}`);
    await connection.rows(`CREATE_REPLICATION_SLOT ${slot} PHYSICAL RESERVE_WAL`);
    const [row] = await connection.rows(`READ_REPLICATION_SLOT ${slot}`);
    const kept = parseLogPosition(row?.["restart_lsn"] ?? "");
    if (kept === undefined) throw new TypeError("the new slot keeps nothing");
    const begin = kept - (kept % segmentBytes);
    if (archivedTo !== undefined && archivedTo >= begin) return archivedTo;
    if (archivedTo !== undefined) this.#tellGap(archivedTo, begin);
    return begin;
  }

  #tellGap(from: bigint, to: bigint): void {
    this.#options.onChange?.({ kind: "gap", from: formatLogPosition(from), to: formatLogPosition(to) });
  }
}

/** A slot that fell behind (max_slot_wal_keep_size) or was idle for too long (idle_replication_slot_timeout) is good for nothing. */
const slotStatement = (slot: string): string =>
  `select wal_status = 'lost' or (to_jsonb(s) ->> 'invalidation_reason') is not null as is_lost
     from pg_catalog.pg_replication_slots s where slot_name = '${slot}'`;

async function writtenTo(connection: SourceServer["connection"]): Promise<bigint> {
  const [row] = await connection.rows("IDENTIFY_SYSTEM");
  return parseLogPosition(row?.["xlogpos"] ?? "") ?? 0n;
}

/** Two copies of one cluster on one timeline: their logs must never be mixed. */
const otherWriter = (archived: bigint, written: bigint): BackupError =>
  new BackupError("backup/server-unsuitable", {
    expected: `an archive that ends at or before ${formatLogPosition(written)}, where this server writes`,
    found: `log of this cluster up to ${formatLogPosition(archived)}, which another copy of it must have written`,
    hint: "Give each copy of a restored cluster a target of its own.",
  });
