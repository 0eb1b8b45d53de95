// Looks at every replica again and again: how far it is behind, whether it follows this primary on this timeline, and so whether
// reads may go there. What cannot be told counts as no.
import pg from "pg";
import { parseLogPosition } from "../backup/log-position.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";

export type ReplicaState =
  /** Reads may go there. */
  | "following"
  /** It is further behind than reads may be. */
  | "late"
  /** It follows another cluster or another timeline, or nobody. */
  | "astray"
  /** It does not answer. */
  | "away";

export interface ReplicaReport {
  readonly name: string;
  readonly state: ReplicaState;
  /** How old what it shows may be, in milliseconds; null when it cannot be told. */
  readonly lagMs: number | null;
  /** Bytes of log that it has not replayed; null when it cannot be told. */
  readonly lagBytes: number | null;
  /** Bytes of log that the primary keeps for it; null without a slot. */
  readonly keptBytes: number | null;
  /** The state of its slot (pg_replication_slots.wal_status); null without one. */
  readonly slot: string | null;
  readonly timeline: number | null;
}

export interface WatchedReplica {
  readonly name: string;
  readonly settings: GuardedSettings;
}

export interface WatchOptions {
  /** As somebody who may read statistics. */
  readonly primary: GuardedSettings;
  readonly replicas: readonly WatchedReplica[];
  /** Reads go nowhere that is further behind: as long as a session that has ended may still read. */
  readonly lagMsMax?: number;
  readonly everyMs?: number;
  /** Told when a replica's state has changed. */
  readonly onChange?: (report: ReplicaReport, before: ReplicaState | undefined) => void;
  /** Told once when the primary keeps more log for a replica than this, and again after it kept less. */
  readonly keptBytesMax?: number;
  readonly onKept?: (report: ReplicaReport) => void;
  readonly now?: () => number;
}

/** A session that has ended is over within a second, on replicas too. */
export const LAG_MS_MAX = 1_000;
/** Half of what the embedded server keeps at most (max_slot_wal_keep_size): then the slot is lost, and the replica with it. */
export const KEPT_BYTES_MAX = 512 * 1024 * 1024;
const EVERY_MS = 500;
const QUERY_TIMEOUT_MS = 2_000;

const PRIMARY = `select pg_catalog.pg_current_wal_lsn()::text as position,
  (select system_identifier::text from pg_catalog.pg_control_system()) as system,
  ('x' || substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline,
  (select coalesce(jsonb_object_agg(slot_name, jsonb_build_object('status', wal_status,
     'kept', pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn))), '{}') from pg_catalog.pg_replication_slots) as slots`;
const REPLICA = `select pg_catalog.pg_is_in_recovery() as "isStandby", pg_catalog.pg_last_wal_replay_lsn()::text as replayed,
  (select system_identifier::text from pg_catalog.pg_control_system()) as system,
  (select received_tli from pg_catalog.pg_stat_wal_receiver where status = 'streaming') as timeline,
  (select slot_name from pg_catalog.pg_stat_wal_receiver) as slot`;

interface PrimaryFacts {
  readonly position: string;
  readonly system: string;
  readonly timeline: number;
  readonly slots: Readonly<Record<string, { readonly status: string; readonly kept: number | null }>>;
}

interface ReplicaFacts {
  readonly isStandby: boolean;
  readonly replayed: string | null;
  readonly system: string;
  readonly timeline: number | null;
  readonly slot: string | null;
}

type Kept = Pick<ReplicaReport, "slot" | "keptBytes">;

interface Surroundings {
  readonly primary: PrimaryFacts | undefined;
  readonly kept: Kept;
  readonly now: number;
}

export class ReplicaWatch {
  readonly #options: WatchOptions;
  readonly #clients = new Map<string, pg.Client>();
  readonly #reports = new Map<string, ReplicaReport>();
  /** The slot that each was last seen to use; one of ours bears the name of its standby. */
  readonly #slots = new Map<string, string>();
  readonly #keepsMuch = new Set<string>();
  /** When the primary was first seen at a position, so that being behind it has an age. */
  #seen: { readonly position: bigint; readonly at: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Looks once, then again and again. */
  async start(): Promise<this> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), this.#options.everyMs ?? EVERY_MS);
    this.#timer.unref();
    return this;
  }

  get reports(): readonly ReplicaReport[] {
    return this.#options.replicas.map(({ name }) => this.#reports.get(name) ?? away(name));
  }

  mayRead(name: string): boolean {
    return this.#reports.get(name)?.state === "following";
  }

  /** Somebody met a failure there: no more reads until it was looked at again. */
  distrust(name: string): void {
    this.#note(away(name));
  }

  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    for (const client of this.#clients.values()) await client.end().catch(() => undefined); // It is gone already.
    this.#clients.clear();
  }

  async #look(): Promise<void> {
    const primary = await this.#ask<PrimaryFacts>("", this.#options.primary, PRIMARY);
    const now = (this.#options.now ?? Date.now)();
    if (primary !== undefined) this.#remember(parseLogPosition(primary.position) ?? 0n, now);
    await Promise.all(
      this.#options.replicas.map(async ({ name, settings }) => {
        const replica = await this.#ask<ReplicaFacts>(name, settings, REPLICA);
        if (typeof replica?.slot === "string") this.#slots.set(name, replica.slot);
        const kept = this.#keptFor(name, primary);
        this.#note(
          replica === undefined ? { ...away(name), ...kept } : this.#judge(name, replica, { primary, kept, now }),
        );
      }),
    );
  }

  #remember(position: bigint, at: number): void {
    if (this.#seen.at(-1)?.position !== position) this.#seen.push({ position, at });
    if (this.#seen.length > POSITIONS_MAX) this.#seen.shift();
  }

  /** Also of a replica that is away: it is then that the primary keeps its log. */
  #keptFor(name: string, primary: PrimaryFacts | undefined): Kept {
    const slot = primary?.slots[this.#slots.get(name) ?? name];
    return { slot: slot?.status ?? null, keptBytes: slot?.kept ?? null };
  }

  #judge(name: string, replica: ReplicaFacts, { primary, kept, now }: Surroundings): ReplicaReport {
    const replayed = replica.replayed === null ? undefined : parseLogPosition(replica.replayed);
    const facts = { name, timeline: replica.timeline, ...kept };
    // Without the primary nobody knows what is missing; its last word counts until the replica lies further behind that.
    if (primary === undefined || replayed === undefined)
      return { ...facts, state: "astray", lagMs: null, lagBytes: null };
    const missing = this.#seen.find(({ position }) => position > replayed);
    const lagMs = missing === undefined ? 0 : Math.max(0, now - missing.at);
    const position = parseLogPosition(primary.position) ?? 0n;
    const lagBytes = Math.max(0, Number(position - replayed));
    const isOurs = replica.isStandby && replica.system === primary.system && replica.timeline === primary.timeline;
    const state = !isOurs ? "astray" : lagMs > (this.#options.lagMsMax ?? LAG_MS_MAX) ? "late" : "following";
    return { ...facts, state, lagMs, lagBytes };
  }

  #note(report: ReplicaReport): void {
    const before = this.#reports.get(report.name)?.state;
    this.#reports.set(report.name, report);
    if (before !== report.state) this.#options.onChange?.(report, before);
    if (report.keptBytes === null) return;
    const keepsMuch = report.keptBytes > (this.#options.keptBytesMax ?? KEPT_BYTES_MAX);
    if (keepsMuch && !this.#keepsMuch.has(report.name)) this.#options.onKept?.(report);
    if (keepsMuch) this.#keepsMuch.add(report.name);
    else this.#keepsMuch.delete(report.name);
  }

  /** One connection each, kept; undefined when there is no answer. */
  async #ask<Facts>(name: string, settings: GuardedSettings, text: string): Promise<Facts | undefined> {
    try {
      let client = this.#clients.get(name);
      if (client === undefined) {
        client = new pg.Client({
          ...settings,
          connectionTimeoutMillis: QUERY_TIMEOUT_MS,
          query_timeout: QUERY_TIMEOUT_MS,
        });
        client.on("error", () => undefined); // The next look finds out, and connects anew.
        await client.connect();
        this.#clients.set(name, client);
      }
      return (await client.query(text)).rows[0] as Facts;
    } catch {
      // Not answering is an answer here.
      const client = this.#clients.get(name);
      this.#clients.delete(name);
      await client?.end().catch(() => undefined); // It is gone already.
      return undefined;
    }
  }
}

const POSITIONS_MAX = 1_000;
const away = (name: string): ReplicaReport => ({
  name,
  state: "away",
  lagMs: null,
  lagBytes: null,
  keptBytes: null,
  slot: null,
  timeline: null,
});
