// A bounded pool of connections as one login role. Its queue has a limit and a time limit; a connection whose session was
// changed is closed, not given to the next request; when PostgreSQL is gone everything waiting fails and nothing opens.
import pg from "pg";
import type { ClaimKey } from "./claim-proof.ts";
import { databaseError } from "./database-error.ts";
import { DatabaseError } from "./error.ts";
import { runStatement } from "./pipeline.ts";
import { Admission, type WaitTimes } from "./pool/admission.ts";
import { Overload } from "./pool/overload.ts";
import { PooledClient, UnpreparedClient } from "./pooled-client.ts";
import type { Sealing } from "./sealed/sealing.ts";
import { runTransaction, type Transaction } from "./transaction.ts";
import type { GuardedSettings } from "./transit/guarded-client.ts";

/** What the pool tells when PostgreSQL refuses something; an event of the policy's vocabulary. */
export interface DatabaseEvent {
  readonly name: "database.refused" | "database.claims-refused" | "database.sealed-refused" | "database.overloaded";
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly requestId?: string;
  readonly correlation?: string;
  readonly subject?: string;
  readonly sessionId?: string;
  readonly address?: string;
  readonly route?: string;
  readonly service?: string;
  readonly reason?: string;
  readonly detail?: Readonly<Record<string, string>>;
}

export interface PoolOptions {
  /** Connections at most. */
  readonly connectionsMax?: number;
  /** Requests that may wait for a connection; one more is refused at once. */
  readonly queueMax?: number;
  /** How long a request waits for a connection. */
  readonly queueTimeoutMs?: number;
  /** Whether texts that come again are prepared by name, under random names. True unless a subject could read the names. */
  readonly canPrepare?: boolean;
  /** What the pool is for, in its events; the login role unless given. */
  readonly purpose?: string;
  /** Whether a pooler in transaction mode stands between (PgBouncer, RDS Proxy): nothing of a connection outlives a transaction. */
  readonly isBehindPooler?: boolean;
  /** Told when PostgreSQL refuses a statement or claims, or the pool a request. Must not throw. */
  readonly emit?: (event: DatabaseEvent) => void;
  /** Seals and opens the sealed columns of what runs as a subject. Without it their values are refused. */
  readonly sealing?: Sealing;
  /** The time in milliseconds since 1970; the wall clock unless given. It must agree with the database's within minutes. */
  readonly now?: () => number;
}

/** The pool at one moment. */
export interface PoolMetrics {
  readonly connectionsMax: number;
  readonly connections: number;
  readonly idle: number;
  readonly waiting: number;
  /** Connections in use, as a part of those allowed: 1 when the next request waits. */
  readonly saturation: number;
  readonly waitTimes: WaitTimes;
  /** Since the pool was made: requests refused because the queue was full or the wait too long. */
  readonly refused: number;
  /** Since the pool was made: connections closed because something had changed their session. */
  readonly discarded: number;
}

const CONNECTIONS_MAX = 10;
const QUEUE_MAX = 1_000;
const QUEUE_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 60_000;
/** What pg and pg-pool say when a new connection was not there in time; who waited for another one's reads otherwise. */
const OPENED_LATE = /^(?:Connection terminated due to connection timeout|timeout expired)$/u;
const LIFETIME_S = 3_600;
const WRONG_PASSWORD = "28P01";
const ROTATION_MS = 250;
const ROTATION_TRIES = 12;

export class DatabasePool {
  readonly claimKey: ClaimKey;
  readonly emit: (event: DatabaseEvent) => void;
  readonly now: () => number;
  readonly sealing: Sealing | undefined;
  readonly isBehindPooler: boolean;
  readonly #pool: pg.Pool;
  readonly #admission: Admission;
  readonly #overload: Overload;
  readonly #connectionsMax: number;
  readonly #queueTimeoutMs: number;
  readonly #asksForPassword: boolean;
  #refused = 0;
  #discarded = 0;
  #lost = 0;

  constructor(settings: GuardedSettings, claimKey: ClaimKey, options: PoolOptions = {}) {
    this.claimKey = claimKey;
    this.emit = options.emit ?? (() => undefined);
    this.now = options.now ?? Date.now;
    this.sealing = options.sealing;
    this.#connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#queueTimeoutMs = options.queueTimeoutMs ?? QUEUE_TIMEOUT_MS;
    this.isBehindPooler = options.isBehindPooler ?? false;
    this.#admission = new Admission({
      connectionsMax: this.#connectionsMax,
      queueMax: options.queueMax ?? QUEUE_MAX,
      queueTimeoutMs: this.#queueTimeoutMs,
    });
    this.#overload = new Overload(options.purpose ?? settings.user ?? "", this.now, this.emit);
    this.#asksForPassword = typeof settings.password === "function";
    this.#pool = new pg.Pool({
      ...settings,
      // A pooler in transaction mode gives the next transaction another server process, which has nothing prepared.
      Client: (options.canPrepare ?? true) && !this.isBehindPooler ? PooledClient : UnpreparedClient,
      max: this.#connectionsMax,
      connectionTimeoutMillis: this.#queueTimeoutMs,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      maxLifetimeSeconds: LIFETIME_S,
      allowExitOnIdle: true,
    });
    this.#pool.on("error", () => {
      this.#lost += 1; // An idle connection was lost; pg has removed it, the next request opens another.
    });
  }

  /** Runs one statement as the login role itself, without claims. @throws DatabaseError */
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<Row>> {
    return this.withConnection((client) => runStatement<Row>(client, { text, values }));
  }

  /** Runs several statements in one transaction as the login role itself. @throws DatabaseError, or whatever `work` throws */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.withConnection((client) => runTransaction(client, undefined, work));
  }

  /** Lends a connection to `work`; closes it afterwards when it is not as clean as it was. For this package only. */
  async withConnection<T>(work: (client: PooledClient) => Promise<T>): Promise<T> {
    const client = await this.#connection();
    const since = performance.now();
    try {
      return await work(client);
    } finally {
      this.#admission.noteHeld(performance.now() - since);
      const { isClean } = client;
      if (!isClean) this.#discarded += 1;
      client.release(!isClean);
    }
  }

  async #connection(): Promise<PooledClient & pg.PoolClient> {
    if (this.#pool.ending) {
      throw new DatabaseError("database/pool-closed", {
        expected: "an open pool",
        found: "one that was ended",
        hint: "Holdfast is stopping.",
      });
    }
    const { idleCount, totalCount, waitingCount } = this.#pool;
    // pg-pool queues everybody for a moment, those too for whom a connection is free or may be opened. They do not wait.
    const free = idleCount + this.#connectionsMax - totalCount;
    const refusal = waitingCount < free ? undefined : this.#admission.refusal(waitingCount - free);
    if (refusal !== undefined) throw this.#full(refusal);
    const since = performance.now();
    try {
      const client = await this.#connect().catch((error: Error) => {
        // A machine that is busy opens a connection late, while those that are open may long be free again: once more.
        if (OPENED_LATE.test(error.message)) return this.#connect();
        return this.#afterRotation(error);
      });
      this.#admission.noteWait(performance.now() - since);
      return client;
    } catch (error) {
      const isBusy = this.#pool.idleCount === 0 && this.#pool.totalCount >= this.#connectionsMax;
      if (isBusy && /timeout exceeded/.test((error as Error).message))
        throw this.#full(`none within ${this.#queueTimeoutMs} ms`, error);
      throw databaseError(error);
    }
  }

  #connect(): Promise<PooledClient & pg.PoolClient> {
    return this.#pool.connect() as Promise<PooledClient & pg.PoolClient>;
  }

  /** A password is replaced in two places, one after the other: who comes in between tries again for a while. */
  async #afterRotation(error: unknown): Promise<PooledClient & pg.PoolClient> {
    if (!this.#asksForPassword || (error as { code?: string }).code !== WRONG_PASSWORD) throw error;
    for (let tries = 1; ; tries += 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, ROTATION_MS);
      });
      try {
        return await this.#connect();
      } catch (again) {
        if (tries === ROTATION_TRIES || (again as { code?: string }).code !== WRONG_PASSWORD) throw again;
      }
    }
  }

  #full(found: string, cause?: unknown): DatabaseError {
    this.#refused += 1;
    this.#overload.note();
    return new DatabaseError("database/pool-full", {
      expected: `one of ${this.#connectionsMax} connections to become free`,
      found,
      hint: "The load is higher than the pool: refuse earlier, or give it more connections.",
      cause,
      retryAfterS: this.#admission.retryAfterS(this.#pool.waitingCount),
    });
  }

  /** Grows whenever a connection ended that should not have: what was known of the server may not be so any more. */
  get lost(): number {
    return this.#lost + this.#discarded;
  }

  get metrics(): PoolMetrics {
    return {
      connectionsMax: this.#connectionsMax,
      connections: this.#pool.totalCount,
      idle: this.#pool.idleCount,
      waiting: this.#pool.waitingCount,
      saturation: (this.#pool.totalCount - this.#pool.idleCount) / this.#connectionsMax,
      waitTimes: this.#admission.waitTimes,
      refused: this.#refused,
      discarded: this.#discarded,
    };
  }

  /** Closes every connection once its request has ended. */
  async end(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}
