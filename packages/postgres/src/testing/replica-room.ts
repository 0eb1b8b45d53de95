// What tests and benchmarks of replicas work in: a primary that can be followed, a database on it, standbys, a watch and a router.
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { ensureBackupRole } from "../backup/backup-role.ts";
import { type Cluster, openCluster } from "../cluster.ts";
import type { DatabasePool } from "../database-pool.ts";
import { databaseHandle, type PreparedDatabase, prepareDatabase } from "../prepare-database.ts";
import { ReadRouter, type RouterOptions } from "../replica/read-router.ts";
import { ReplicaWatch, type WatchOptions } from "../replica/replica-watch.ts";
import { openStandby, type Standby } from "../replica/standby.ts";
import { loginRoles } from "../roles.ts";

export interface ReplicaRoom {
  readonly folder: string;
  readonly primary: Cluster;
  readonly database: PreparedDatabase;
  /** As holdfast_api on the primary. */
  readonly pool: DatabasePool;
  /** Another one after `restart`. */
  readonly administrator: pg.Client;
  standby(name: string): Promise<Standby>;
  /** How the replication role connects. */
  replication(): Promise<{ readonly user: string; readonly password: string }>;
  /** As holdfast_api on a standby. */
  poolOn(standby: Standby): DatabasePool;
  watch(standbys: readonly Standby[], options?: Partial<WatchOptions>): Promise<ReplicaWatch>;
  router(standbys: readonly Standby[], options?: Partial<RouterOptions>): ReadRouter;
  /** Kills the server process of a cluster in this room, by its folder. */
  kill(folder: string): Promise<void>;
  /** Starts the primary again after it was killed. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const APP = "app";
export const REPLICA_ROOM_PASSWORD = "a password of the tests, long enough";
/** The server's own waits protect nothing here. */
const SETTINGS = { fsync: "off", autovacuum: "off", max_connections: "60", shared_buffers: "32MB" };
const secrets = async (name: string): Promise<string> => `${name}-${"y".repeat(32)}`;

export async function openReplicaRoom(serverSettings: Readonly<Record<string, string>> = {}): Promise<ReplicaRoom> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-replica-"));
  await chmod(folder, 0o711); // The unprivileged user passes through to its own folder.
  const settings = { ...SETTINGS, ...serverSettings };
  const openPrimary = (): Promise<Cluster> =>
    openCluster({
      directory: join(folder, "primary"),
      superuserPassword: REPLICA_ROOM_PASSWORD,
      serverSettings: settings,
    });
  let primary = await openPrimary();
  const database = await prepareDatabase(primary, { database: APP, secrets, migrationSets: [] });
  const { user = "", password } = await ensureBackupRole(primary, "a password of the backup role");
  let administrator = await database.administrator();
  administrator.on("error", () => undefined); // Lost with a primary that is killed.
  const pool = database.pool("holdfast_api", { connectionsMax: 8 });
  const closing: (() => Promise<unknown>)[] = [() => pool.end()];
  const passwords = new Map(
    await Promise.all(loginRoles.map(async (role) => [role, await secrets(`postgres-password-${role}`)] as const)),
  );
  const poolOn = (standby: Standby): DatabasePool => {
    const cluster = { ...primary, settings: standby.settings };
    const handle = databaseHandle(cluster, { ...database, passwords, canPrepare: true });
    const made = handle.pool("holdfast_api", { connectionsMax: 8 });
    closing.push(() => made.end());
    return made;
  };
  return {
    folder,
    get primary() {
      return primary;
    },
    database,
    pool,
    get administrator() {
      return administrator;
    },
    replication: async () => ({ user, password: password as string }),
    poolOn,
    standby: async (name) => {
      const standby = await openStandby({
        name,
        directory: join(folder, name),
        primary,
        replication: { user, password: password as string },
        superuserPassword: REPLICA_ROOM_PASSWORD,
        serverSettings: settings,
      });
      closing.push(() => standby.stop());
      return standby;
    },
    watch: async (standbys, options) => {
      const replicas = standbys.map(({ name, settings: at }) => ({ name, settings: at(APP) }));
      const watch = new ReplicaWatch({ primary: primary.settings(APP), replicas, everyMs: 50, ...options });
      closing.push(() => watch.stop());
      return watch.start();
    },
    router: (standbys, options) =>
      new ReadRouter({
        primary: pool,
        replicas: standbys.map((standby) => ({ name: standby.name, pool: poolOn(standby) })),
        mayRead: () => true,
        ...options,
      }),
    kill: async (name) => {
      const pid = Number((await readFile(join(folder, name, "data", "postmaster.pid"), "utf8")).split("\n")[0]);
      process.kill(pid, "SIGKILL");
    },
    restart: async () => {
      await administrator.end().catch(() => undefined); // Gone with the primary.
      await primary.stop();
      primary = await openPrimary();
      administrator = await database.administrator();
      administrator.on("error", () => undefined);
    },
    close: async () => {
      for (const close of closing.toReversed()) await close().catch(() => undefined); // Killed by its test.
      await administrator.end().catch(() => undefined);
      await primary.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
