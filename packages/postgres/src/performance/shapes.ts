// What is told of a database's performance. Types only: importing this file brings no code, so that pages may read them.

/** Something that could not be looked at. */
export interface NotSeen {
  readonly what: string;
  /** Why, and what would let it be seen. */
  readonly reason: string;
}

export interface BlockingNode<Session> {
  readonly pid: number;
  /** Undefined for a prepared transaction, or one that ended while it was looked at. */
  readonly session: Session | undefined;
  readonly blocks: readonly BlockingNode<Session>[];
}

export interface Session {
  readonly pid: number;
  /** The role that logged in. */
  readonly login: string | null;
  /** As pg_stat_activity says: `active`, `idle in transaction`, … */
  readonly state: string | null;
  readonly waitType: string | null;
  readonly wait: string | null;
  /** Without any value: what it runs, or ran last. */
  readonly text: string;
  readonly transactionMs: number | null;
  readonly stateMs: number | null;
  /** How long it has waited for a lock, and for which. */
  readonly lockWaitMs: number | null;
  readonly lock: string | null;
  readonly blockers: readonly number[];
}

export interface Activity {
  readonly connections: number;
  readonly connectionsMax: number;
  /** Sessions by state. */
  readonly states: Readonly<Record<string, number>>;
  /** Active sessions by what they wait for; `CPU` waits for nothing. */
  readonly waits: Readonly<Record<string, number>>;
  readonly blocking: readonly BlockingNode<Session>[];
  /** Sessions in the longest chain of waits; 0 when nobody waits. */
  readonly blockingDepth: number;
  /** Sessions that wait for a lock of another, and the longest of their waits. */
  readonly blocked: number;
  readonly longestBlockedMs: number;
  /** Age of the oldest transaction, which holds back every clean-up. */
  readonly oldestTransactionMs: number;
}

export interface StatementTimes {
  /** PostgreSQL's query identifier. */
  readonly id: string;
  /** The role it ran as: for a request the one it took, such as `authenticated`. */
  readonly role: string;
  /** Without any value. */
  readonly text: string;
  readonly calls: number;
  readonly totalMs: number;
  readonly meanMs: number;
  readonly maxMs: number;
  readonly rows: number;
  /** Blocks of 8 kB found in the cache, and read from outside of it. */
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly temporaryBlocks: number;
}

export interface RoleTimes {
  readonly role: string;
  readonly calls: number;
  readonly totalMs: number;
}

/** What row-level security costs in one statement. */
export interface PolicyCost {
  readonly method: "the planner's cost of a generic plan, as the role and without policies";
  /** In the planner's units. */
  readonly costWith: number;
  readonly costWithout: number;
  /** Part of the cost that the policies add, 0 to 1; negative where they let it read less. */
  readonly share: number;
  /** Tables with policies in the plan. */
  readonly tables: readonly string[];
}

/** Counted since `since`. */
export interface DatabaseCounters {
  readonly commits: number;
  readonly rollbacks: number;
  readonly blocksHit: number;
  readonly blocksRead: number;
  readonly temporaryBytes: number;
  readonly deadlocks: number;
  readonly checksumFailures: number;
  /** Milliseconds since 1970. */
  readonly since: number | null;
  readonly bytes: number;
  /** Transactions since the oldest row that is not frozen; PostgreSQL stops writing before 2,147,483,648. */
  readonly transactionAge: number;
}

/** One line of pg_stat_io, over all objects. */
export interface InputOutput {
  /** Who: `client backend`, `checkpointer`, … */
  readonly backend: string;
  /** Why: `normal`, `bulkread`, `vacuum`, … */
  readonly context: string;
  readonly hits: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly extendedBytes: number;
  /** Blocks that had to leave the cache for others. */
  readonly evictions: number;
}

export interface TableSize {
  /** With its schema, quoted where it must be. */
  readonly table: string;
  /** With indexes and what is stored apart. */
  readonly bytes: number;
  readonly rows: number;
  readonly deadRows: number;
  readonly sequentialScans: number;
  readonly sequentialRows: number;
  readonly indexScans: number;
  /** Milliseconds since 1970; null: never since the statistics began. */
  readonly vacuumedAt: number | null;
}

export interface Bloat {
  readonly table: string;
  readonly bytes: number;
  readonly deadBytes: number;
  readonly freeBytes: number;
  /** Dead and free bytes as a part of the table's own. */
  readonly share: number;
  readonly method: "pgstattuple_approx" | "estimated from pg_stats";
  /** At least a third and a megabyte holds nothing. */
  readonly isBloated: boolean;
  /** What mends it; null where nothing needs to be. */
  readonly mend: string | null;
}

export interface IndexAdvice {
  /** A rule of the inspection, or `sequential-scan`. */
  readonly rule: string;
  /** The table, index, key or policy. */
  readonly object: string;
  readonly reason: string;
  /** Exact lines of SQL. */
  readonly sql: readonly string[];
}

export interface SizeSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly bytes: number;
}

export type Forecast =
  | { readonly kind: "unproven"; readonly reason: string; readonly samples: number }
  | {
      readonly kind: "fitted";
      readonly method: "Theil–Sen";
      readonly samples: number;
      readonly spanDays: number;
      readonly bytesPerDay: number;
      /** Quartiles of the slopes: half of all pairs lie between. */
      readonly bytesPerDayRange: readonly [low: number, high: number];
      /** Days until the room is used up; null when it is not known how much there is, or it does not grow. */
      readonly daysLeft: number | null;
    };

export interface DatabaseWatch {
  readonly activity: Activity;
  readonly counters: DatabaseCounters | null;
  readonly roles: readonly RoleTimes[];
  readonly notSeen: readonly NotSeen[];
  /** What the looking itself took. */
  readonly tookMs: number;
}

export interface StudiedStatement extends StatementTimes {
  /** As people read it, without values; empty where there is no plan. */
  readonly plan: readonly string[];
  readonly policyCost: PolicyCost | null;
  /** Why there is no plan, or no cost of policies. */
  readonly notPlanned: string | null;
}

export interface DatabaseStudy {
  readonly statements: readonly StudiedStatement[];
  /** Milliseconds since 1970: statements are counted since then. */
  readonly statementsSince: number | null;
  readonly statementsCounted: number;
  readonly inputOutput: readonly InputOutput[];
  readonly tables: readonly TableSize[];
  readonly bloat: readonly Bloat[];
  readonly advice: readonly IndexAdvice[];
  readonly notSeen: readonly NotSeen[];
  readonly tookMs: number;
}
