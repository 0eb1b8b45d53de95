// What the API tells of replicas and pools. Types only, for the console too: nothing of the database's package comes along.

export type ReplicaState = "following" | "late" | "astray" | "away";

export interface ReplicaEntry {
  readonly name: string;
  /** Reads go to those that follow. */
  readonly state: ReplicaState;
  /** How old what it shows may be, in milliseconds; null when it cannot be told. */
  readonly lagMs: number | null;
  readonly lagBytes: number | null;
  /** Bytes of log that the primary keeps for it; null without a slot. */
  readonly keptBytes: number | null;
  /** The state of its slot (pg_replication_slots.wal_status); null without one. */
  readonly slot: string | null;
  readonly timeline: number | null;
}

export interface ReplicaReads {
  /** Answered by a replica, by the primary. */
  readonly replica: number;
  readonly primary: number;
  /** Waited for what their subject had written; gave up and asked the primary. */
  readonly waited: number;
  readonly gaveUp: number;
}

export interface ReplicaStatus {
  /** How many the policy asks for. */
  readonly wanted: number;
  readonly replicas: readonly ReplicaEntry[];
  /** Where reads went since the start; null without replicas. */
  readonly reads: ReplicaReads | null;
  /** Milliseconds: reads go nowhere that is further behind. */
  readonly lagMsMax: number;
}

export interface PoolEntry {
  readonly name: string;
  readonly connectionsMax: number;
  readonly connections: number;
  readonly idle: number;
  readonly waiting: number;
  /** Connections in use, as a part of those allowed. */
  readonly saturation: number;
  /** Since the start. */
  readonly refused: number;
  readonly discarded: number;
  /** Milliseconds that requests waited: how many, together, and at most each of 1, 5, 25, 100, 500 and 2,500. */
  readonly waitTimes: { readonly count: number; readonly sumMs: number; readonly atMost: readonly number[] };
}

export interface PoolList {
  readonly pools: readonly PoolEntry[];
}
