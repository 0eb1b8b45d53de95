// The replicas of a deployment: standbys on this machine beside an embedded cluster, or servers that were named. They are watched, and
// reads of the application's services go to those that follow.
import { join } from "node:path";
import type { EmitEvent, Policy } from "@holdfast/policy";
import {
  BACKUP_PASSWORD_NAME,
  BACKUP_ROLE,
  type Cluster,
  type DatabasePool,
  ensureBackupRole,
  type GuardedSettings,
  LAG_MS_MAX,
  openStandby,
  type PreparedDatabase,
  ReadRouter,
  type ReplicaReport,
  type ReplicaState,
  ReplicaWatch,
  type Standby,
} from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import type { ReplicaStatus } from "./replica-status.ts";

/** Where replicas come from. */
export interface ReplicaSettings {
  /** Where standbys of an embedded cluster live. */
  readonly directory: string;
  /** Servers that follow a given one, each a URL like DATABASE_URL. */
  readonly given?: readonly GivenReplica[];
  /** More log kept for one replica is an event. */
  readonly keptBytesMax?: number;
  readonly progress?: (message: string) => void;
}

export interface GivenReplica {
  readonly name: string;
  settings(database: string, role?: { readonly user: string; readonly password: string }): GuardedSettings;
}

export interface ReplicaSurroundings {
  readonly policy: Policy;
  readonly vault: Vault;
  readonly cluster: Cluster;
  readonly database: PreparedDatabase;
  readonly pool: DatabasePool;
  readonly emit: EmitEvent;
  readonly now: () => number;
}

export interface Replicas {
  /** Undefined without replicas. */
  readonly router: ReadRouter | undefined;
  status(): ReplicaStatus;
  stop(): Promise<void>;
}

const withoutReplicas = (wanted: number): Replicas => ({
  router: undefined,
  status: () => ({ wanted, replicas: [], reads: null, lagMsMax: LAG_MS_MAX }),
  async stop() {},
});

/** A replica that cannot be had is an event and an alert; the deployment runs without it. */
export async function openReplicas(
  settings: ReplicaSettings | undefined,
  surroundings: ReplicaSurroundings,
): Promise<Replicas> {
  const { policy, database, emit, now, pool, cluster } = surroundings;
  const wanted = policy.continuity.replicas;
  if (settings === undefined || wanted === 0) return withoutReplicas(wanted);
  const lost = (name: string, reason: string): void =>
    emit({ name: "replica.lost", at: now(), service: "platform", reason, detail: { replica: name } });
  const standbys = cluster.kind === "embedded" ? await startStandbys(settings, surroundings, lost) : [];
  const given = cluster.kind === "embedded" ? [] : (settings.given ?? []).slice(0, wanted);
  const places = [...standbys, ...given];
  for (let missing = places.length; missing < wanted; missing += 1) lost(nameOf(missing), "not-started");
  const replicas = places.map((place) => ({
    name: place.name,
    pool: database.poolAt((role) => place.settings(database.database, role), "holdfast_api", {
      purpose: `replica ${place.name}`,
      emit,
      now,
      ...(pool.sealing === undefined ? {} : { sealing: pool.sealing }),
    }),
  }));
  const watch = await new ReplicaWatch({
    primary: cluster.settings(database.database),
    replicas: places.map((place) => ({ name: place.name, settings: place.settings(database.database) })),
    now,
    onChange: (report, before) => tell(report, before, emit, now),
    ...(settings.keptBytesMax === undefined ? {} : { keptBytesMax: settings.keptBytesMax }),
    onKept: ({ name, keptBytes }) =>
      emit({
        name: "replica.log-kept",
        at: now(),
        service: "platform",
        detail: { replica: name, keptBytes: String(keptBytes) },
      }),
  }).start();
  const router = new ReadRouter({
    primary: pool,
    replicas,
    mayRead: (name) => watch.mayRead(name),
    distrust: (name) => watch.distrust(name),
  });
  return {
    router,
    status: () => ({ wanted, replicas: watch.reports, reads: router.metrics, lagMsMax: LAG_MS_MAX }),
    async stop() {
      await watch.stop();
      for (const replica of replicas) await replica.pool.end();
      for (const standby of standbys) await standby.stop();
    },
  };
}

const nameOf = (index: number): string => `standby_${index + 1}`;

async function startStandbys(
  { directory, progress }: ReplicaSettings,
  { policy, vault, cluster }: ReplicaSurroundings,
  lost: (name: string, reason: string) => void,
): Promise<readonly Standby[]> {
  const password = await vault.secret(BACKUP_PASSWORD_NAME);
  await ensureBackupRole(cluster, password);
  const standbys: Standby[] = [];
  for (let index = 0; index < policy.continuity.replicas; index += 1) {
    const name = nameOf(index);
    try {
      const standby = await openStandby({
        name,
        directory: join(directory, name),
        primary: cluster,
        replication: { user: BACKUP_ROLE, password },
        superuserPassword: await vault.secret("postgres-superuser"),
        ...(progress === undefined ? {} : { progress }),
      });
      standbys.push(standby);
    } catch (cause) {
      // The deployment runs without it; the event and the alert say so.
      lost(name, String((cause as { readonly code?: unknown }).code ?? "failed").slice(0, REASON_CHARACTERS_MAX));
      return standbys;
    }
  }
  return standbys;
}

const REASON_CHARACTERS_MAX = 64;

function tell(
  { name, state, lagMs, slot }: ReplicaReport,
  before: ReplicaState | undefined,
  emit: EmitEvent,
  now: () => number,
): void {
  const detail = { replica: name, ...(lagMs === null ? {} : { lagMs: String(lagMs) }) };
  // Log that it lacks was removed: it cannot catch up, and is copied anew by the next start, or by whoever runs it.
  const reason = slot === "lost" ? "too-old" : state;
  const event = { at: now(), service: "platform", reason, detail };
  if (state === "following") {
    emit({ ...event, name: "replica.following" });
    return;
  }
  if (before === undefined || before === "following") emit({ ...event, name: "replica.lost" });
}
