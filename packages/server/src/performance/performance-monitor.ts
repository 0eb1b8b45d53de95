// Looks at the database again and again: sessions and locks every 15 seconds, statements, plans, tables and indexes every five minutes,
// sizes every hour. One connection, one question at a time; whoever asks meanwhile gets what is known. What it costs is told.
import { statfs } from "node:fs/promises";
import type { EmitEvent } from "@holdfast/policy";
import { type DatabaseStudy, type DatabaseWatch, studyDatabase, watchDatabase } from "@holdfast/postgres";
import type pg from "pg";
import type { Database } from "../store/database.ts";
import { LoadHistory } from "./load-history.ts";
import { LimitWatch, usualLimits } from "./performance-limits.ts";
import type { Growth, PerformanceLimits, PerformanceReport } from "./performance-shapes.ts";
import { growthOf, readSizes, sizesOf, storeSize } from "./stored-sizes.ts";

export const WATCH_MS = 15_000;
export const STUDY_MS = 5 * 60_000;
export const SIZE_MS = 60 * 60_000;
/** Whoever asks is shown what is at most so old. */
const WATCH_AGE_MS = 1_000;
const STUDY_AGE_MS = 5_000;

export interface MonitorParts {
  /** Connects as somebody who may read statistics and is bound by no policy. */
  readonly connect: () => Promise<pg.Client>;
  /** Where sizes are kept. */
  readonly database: Database;
  /** Whether the data lies on this machine, so that the disk's room can be told. */
  readonly isLocal: boolean;
  readonly limits?: PerformanceLimits;
  readonly emit: EmitEvent;
  readonly now: () => number;
  readonly onFailure: (cause: unknown) => void;
}

/** What was known when somebody last looked: what metrics read. */
export interface KnownPerformance {
  readonly watch: DatabaseWatch | undefined;
  readonly study: DatabaseStudy | undefined;
  readonly growth: Growth;
}

export interface PerformanceMonitor {
  known(): KnownPerformance;
  /** Looks where what is known is too old, and tells everything. */
  report(): Promise<PerformanceReport>;
  watch(): Promise<void>;
  study(): Promise<void>;
  /** Stores how large everything is now. */
  measureSize(): Promise<void>;
  stop(): Promise<void>;
}

type Dated<T> = T & { readonly at: number };

export function startPerformanceMonitor(parts: MonitorParts): PerformanceMonitor {
  const { now, onFailure, database } = parts;
  const limits = parts.limits ?? usualLimits;
  const limitWatch = new LimitWatch(limits, parts.emit, now);
  const history = new LoadHistory();
  const connection = oneConnection(parts.connect);
  let watch: Dated<DatabaseWatch> | undefined;
  let study: Dated<DatabaseStudy> | undefined;
  let growth: Growth = growthOf([], null);
  let failing: string | null = null;

  const looked = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    try {
      const result = await connection.use(work);
      failing = null;
      return result;
    } catch (cause) {
      failing = String((cause as { code?: unknown }).code ?? "unknown").slice(0, REASON_CHARACTERS_MAX);
      throw cause;
    }
  };
  const lookAtOnce = async (): Promise<void> => {
    const seen = await looked(watchDatabase);
    watch = { ...seen, at: now() };
    history.add(watch.at, seen);
    limitWatch.watched(seen);
  };
  const studyAtOnce = async (): Promise<void> => {
    const seen = await looked(studyDatabase);
    study = { ...seen, at: now() };
    limitWatch.studied(seen.statements);
  };
  const measureSize = async (): Promise<void> => {
    if (watch === undefined) await lookAtOnce();
    if (study === undefined) await studyAtOnce();
    const bytes = watch?.counters?.bytes;
    if (bytes !== undefined) await storeSize(database, { at: now(), bytes, tables: sizesOf(study?.tables ?? []) });
    const free = parts.isLocal ? await looked(diskFree) : null;
    growth = growthOf(await readSizes(database), free);
    limitWatch.grown(growth);
  };
  const timers = [
    setInterval(() => void lookAtOnce().catch(onFailure), WATCH_MS).unref(),
    setInterval(() => void studyAtOnce().catch(onFailure), STUDY_MS).unref(),
    setInterval(() => void measureSize().catch(onFailure), SIZE_MS).unref(),
  ];
  return {
    known: () => ({ watch, study, growth }),
    watch: lookAtOnce,
    study: studyAtOnce,
    measureSize,
    async report() {
      try {
        if (watch === undefined || now() - watch.at > WATCH_AGE_MS) await lookAtOnce();
        if (study === undefined || now() - study.at > STUDY_AGE_MS) await studyAtOnce();
        if (growth.bytes === null) await measureSize();
      } catch (cause) {
        // What is known is told, and that it is old.
        onFailure(cause);
      }
      return {
        now: now(),
        failing,
        watch: watch ?? null,
        study: study ?? null,
        history: history.told(),
        growth,
        limits,
        lookingShare:
          watch === undefined || study === undefined ? null : watch.tookMs / WATCH_MS + study.tookMs / STUDY_MS,
      };
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await connection.close();
    },
  };
}

const REASON_CHARACTERS_MAX = 64;

/** Free bytes of the disk that PostgreSQL's data lies on; null where they cannot be told. */
async function diskFree(client: pg.Client): Promise<number | null> {
  const { rows } = await client.query<{ directory: string }>("SELECT current_setting('data_directory') AS directory");
  const [row] = rows;
  if (row === undefined) return null;
  // A folder of another machine or another user's: not known.
  const disk = await statfs(row.directory).catch(() => undefined);
  return disk === undefined ? null : disk.bavail * disk.bsize;
}

/** Opened when it is first needed, and anew after it was lost. */
function oneConnection(connect: () => Promise<pg.Client>) {
  let client: pg.Client | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const drop = async (): Promise<void> => {
    const lost = client;
    client = undefined;
    await lost?.end().catch(() => undefined); // It is gone: nothing to end.
  };
  const work = async <T>(ask: (client: pg.Client) => Promise<T>): Promise<T> => {
    if (isClosed) throw new Error("The monitor was stopped.");
    client ??= await connect();
    try {
      return await ask(client);
    } catch (cause) {
      await drop();
      throw cause;
    }
  };
  return {
    /** One after the other. */
    use<T>(ask: (client: pg.Client) => Promise<T>): Promise<T> {
      const mine = last.then(() => work(ask));
      last = mine.catch(() => undefined);
      return mine;
    },
    async close(): Promise<void> {
      isClosed = true;
      await last;
      await drop();
    },
  };
}
