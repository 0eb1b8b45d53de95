// A bounded pool of connections as one login role. Its queue has a limit and a time limit; a connection whose session was
// changed is closed, not given to the next request; when PostgreSQL is gone everything waiting fails and nothing opens.
import pg from "pg";
import type { ClaimKey } from "./claim-proof.ts";
import { databaseError } from "./database-error.ts";
import { DatabaseError } from "./error.ts";
import { runStatement } from "./pipeline.ts";
import { PooledClient, UnpreparedClient } from "./pooled-client.ts";
import type { Sealing } from "./sealed/sealing.ts";
import { runTransaction, type Transaction } from "./transaction.ts";
import type { GuardedSettings } from "./transit/guarded-client.ts";

/** What the pool tells when PostgreSQL refuses something; an event of the policy's vocabulary. */
export interface DatabaseEvent {
  readonly name: "database.refused" | "database.claims-refused" | "database.sealed-refused";
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
  /** Told when PostgreSQL refuses a statement or claims. Must not throw. */
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
  /** Since the pool was made: requests refused because the queue was full or the wait too long. */
  readonly refused: number;
  /** Since the pool was made: connections closed because something had changed their session. */
  readonly discarded: number;
}

const CONNECTIONS_MAX = 10;
const QUEUE_MAX = 1_000;
const QUEUE_TIMEOUT_MS = 5_000;
const IDLE_TIMEOUT_MS = 60_000;
const LIFETIME_S = 3_600;

export class DatabasePool {
  readonly claimKey: ClaimKey;
  readonly emit: (event: DatabaseEvent) => void;
  readonly now: () => number;
  readonly sealing: Sealing | undefined;
  readonly #pool: pg.Pool;
  readonly #connectionsMax: number;
  readonly #queueMax: number;
  readonly #queueTimeoutMs: number;
  #refused = 0;
  #discarded = 0;

  constructor(settings: GuardedSettings, claimKey: ClaimKey, options: PoolOptions = {}) {
    this.claimKey = claimKey;
    this.emit = options.emit ?? (() => undefined);
    this.now = options.now ?? Date.now;
    this.sealing = options.sealing;
    this.#connectionsMax = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#queueMax = options.queueMax ?? QUEUE_MAX;
    this.#queueTimeoutMs = options.queueTimeoutMs ?? QUEUE_TIMEOUT_MS;
    this.#pool = new pg.Pool({
      ...settings,
      Client: (options.canPrepare ?? true) ? PooledClient : UnpreparedClient,
      max: this.#connectionsMax,
      connectionTimeoutMillis: this.#queueTimeoutMs,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      maxLifetimeSeconds: LIFETIME_S,
      allowExitOnIdle: true,
    });
    this.#pool.on("error", () => undefined); // An idle connection was lost; pg has removed it, the next request opens another.
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
    try {
      return await work(client);
    } finally {
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
    if (this.#pool.waitingCount >= this.#queueMax) throw this.#full(`${this.#queueMax} requests waiting`);
    try {
      return (await this.#pool.connect()) as PooledClient & pg.PoolClient;
    } catch (error) {
      const isBusy = this.#pool.idleCount === 0 && this.#pool.totalCount >= this.#connectionsMax;
      if (isBusy && /timeout exceeded/.test((error as Error).message))
        throw this.#full(`none within ${this.#queueTimeoutMs} ms`, error);
      throw databaseError(error);
    }
  }

  #full(found: string, cause?: unknown): DatabaseError {
    this.#refused += 1;
    return new DatabaseError("database/pool-full", {
      expected: `one of ${this.#connectionsMax} connections to become free`,
      found,
      hint: "The load is higher than the pool: refuse earlier, or give it more connections.",
      cause,
    });
  }

  get metrics(): PoolMetrics {
    return {
      connectionsMax: this.#connectionsMax,
      connections: this.#pool.totalCount,
      idle: this.#pool.idleCount,
      waiting: this.#pool.waitingCount,
      refused: this.#refused,
      discarded: this.#discarded,
    };
  }

  /** Closes every connection once its request has ended. */
  async end(): Promise<void> {
    if (!this.#pool.ending) await this.#pool.end();
  }
}
