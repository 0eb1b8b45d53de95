// Sends reads to replicas, and never shows anybody less than they have written: a mark, the log's position after a commit, goes along
// with the next request, and a replica answers only once it has replayed it. Who would have to wait longer asks the primary.
import { setTimeout as wait } from "node:timers/promises";
import type pg from "pg";
import { type About, asSubject, type VerifiedClaims } from "../as-subject.ts";
import { parseLogPosition } from "../backup/log-position.ts";
import type { DatabasePool } from "../database-pool.ts";
import { DatabaseError } from "../error.ts";
import type { Statement } from "../pipeline.ts";

export interface ReadReplica {
  readonly name: string;
  readonly pool: DatabasePool;
}

export interface RouterOptions {
  readonly primary: DatabasePool;
  readonly replicas: readonly ReadReplica[];
  /** Whether reads may go to the replica of this name at the moment. */
  readonly mayRead: (name: string) => boolean;
  /** Told that a replica did not answer. */
  readonly distrust?: (name: string) => void;
  /** How long a read waits for a replica before it goes to the primary. */
  readonly waitMs?: number;
}

/** What the router did since it was made. */
export interface RouterMetrics {
  readonly replica: number;
  readonly primary: number;
  /** Reads that waited for their mark, and those that went to the primary because it did not come in time. */
  readonly waited: number;
  readonly gaveUp: number;
}

const WAIT_MS = 20;
const POLL_MS = 1;
/** Subjects whose last mark is remembered, so that who sends no mark along reads their own writes too. */
const SUBJECTS_MAX = 10_000;
const READS = /^\s*(?:select|values|table|with)\b/i;
/** SQLSTATEs that say "not here": read-only, a conflict with replay, starting or stopping. */
const NOT_HERE = new Set(["25006", "40001", "57P03", "57P01", "57P04"]);
const CURRENT = "select pg_catalog.pg_current_wal_insert_lsn()::text as mark";
const HAS_REPLAYED = "select pg_catalog.pg_last_wal_replay_lsn()::text as replayed";

export class ReadRouter {
  readonly #options: RouterOptions;
  readonly #marks = new Map<string, bigint>();
  /** How far each has replayed, as long as no connection to it was lost: after a crash it may begin further back. */
  readonly #replayed = new Map<string, { readonly position: bigint; readonly lost: number }>();
  readonly #counts = { replica: 0, primary: 0, waited: 0, gaveUp: 0 };
  #turn = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The log's position now. Taken after a commit, never before: an earlier one may lie before the commit itself. */
  async mark(subject?: string): Promise<string> {
    const { rows } = await this.#options.primary.query<{ mark: string }>(CURRENT);
    const mark = rows[0]?.mark ?? "";
    const position = parseLogPosition(mark);
    if (subject !== undefined && position !== undefined) this.#remember(subject, position);
    return mark;
  }

  /**
   * Runs a read as the subject, on a replica that has replayed `after` and everything the subject is known to have written. What is
   * no read, and what no replica can answer, runs on the primary.
   * @throws DatabaseError as `asSubject` does
   */
  async read<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    claims: VerifiedClaims | null,
    statement: Statement,
    about: About = {},
    after?: string,
  ): Promise<pg.QueryResult<Row>> {
    const replica = READS.test(statement.text) ? await this.#choose(claims, after) : undefined;
    if (replica === undefined) return this.#onPrimary(claims, statement, about);
    try {
      const result = await asSubject<Row>(replica.pool, claims, statement, about);
      this.#counts.replica += 1;
      return result;
    } catch (error) {
      if (!(error instanceof DatabaseError) || !isElsewhere(error)) throw error;
      if (error.code === "database/unavailable") this.#options.distrust?.(replica.name);
      return this.#onPrimary(claims, statement, about);
    }
  }

  get metrics(): RouterMetrics {
    return { ...this.#counts };
  }

  #onPrimary<Row extends pg.QueryResultRow>(
    claims: VerifiedClaims | null,
    statement: Statement,
    about: About,
  ): Promise<pg.QueryResult<Row>> {
    this.#counts.primary += 1;
    return asSubject<Row>(this.#options.primary, claims, statement, about);
  }

  async #choose(claims: VerifiedClaims | null, after: string | undefined): Promise<ReadReplica | undefined> {
    const usable = this.#options.replicas.filter(({ name }) => this.#options.mayRead(name));
    if (usable.length === 0) return undefined;
    const wanted = this.#wanted(claims?.sub, after);
    this.#turn += 1;
    const inTurn = usable.map((_, index) => usable[(index + this.#turn) % usable.length] as ReadReplica);
    const ready = inTurn.find(({ name, pool }) => {
      const known = this.#replayed.get(name);
      return known !== undefined && known.lost === pool.lost && known.position >= wanted;
    });
    if (ready !== undefined) return ready;
    const first = inTurn[0] as ReadReplica;
    if (await this.#reaches(first, wanted)) return first;
    this.#counts.gaveUp += 1;
    return undefined;
  }

  #wanted(subject: string | undefined, after: string | undefined): bigint {
    const told = (after === undefined ? undefined : parseLogPosition(after)) ?? 0n; // What is no mark asks for nothing.
    const known = (subject === undefined ? undefined : this.#marks.get(subject)) ?? 0n;
    return told > known ? told : known;
  }

  async #reaches({ name, pool }: ReadReplica, wanted: bigint): Promise<boolean> {
    const until = performance.now() + (this.#options.waitMs ?? WAIT_MS);
    this.#counts.waited += 1;
    for (;;) {
      try {
        const { lost } = pool;
        const { rows } = await pool.query<{ replayed: string }>(HAS_REPLAYED);
        const replayed = parseLogPosition(rows[0]?.replayed ?? "") ?? 0n;
        this.#replayed.set(name, { position: replayed, lost });
        if (replayed >= wanted) return true;
      } catch {
        // It does not answer: the primary does.
        this.#options.distrust?.(name);
        return false;
      }
      if (performance.now() >= until) return false;
      await wait(POLL_MS);
    }
  }

  #remember(subject: string, position: bigint): void {
    this.#marks.delete(subject);
    this.#marks.set(subject, position);
    if (this.#marks.size > SUBJECTS_MAX) this.#marks.delete(this.#marks.keys().next().value as string);
  }
}

const isElsewhere = (error: DatabaseError): boolean =>
  error.code === "database/unavailable" ||
  error.code === "database/pool-full" ||
  (error.sqlState !== undefined && NOT_HERE.has(error.sqlState));
