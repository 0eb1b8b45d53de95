// A standby of an embedded cluster on the same machine: it begins as a copy, streams by a slot of its own, answers reads on a private
// socket, and becomes a primary only when it is told to. Automatic failover is not its business.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { ReplicationConnection } from "../backup/replication-connection.ts";
import { findBinaries } from "../binaries.ts";
import type { Cluster } from "../cluster.ts";
import { SOCKET_PORT, writeConfiguration } from "../cluster-configuration.ts";
import {
  type ClusterDirectory,
  dataVersion,
  giveTo,
  openClusterDirectory,
  removeSocketFolder,
} from "../cluster-directory.ts";
import { ClusterError } from "../error.ts";
import { ADMINISTRATOR } from "../initialise.ts";
import { release, takeOver } from "../orphan.ts";
import { type Exit, type Postmaster, startPostmaster } from "../postmaster.ts";
import type { GuardedSettings } from "../transit/guarded-client.ts";
import { chooseProcessOwner, type ProcessOwner } from "../unprivileged-user.ts";
import { copyData } from "./copy-data.ts";

export interface StandbyOptions {
  /** Lower case, digits and underscores; its slot and its application name. */
  readonly name: string;
  readonly directory: string;
  readonly primary: Cluster;
  /** How the replication role connects (`ensureBackupRole`). */
  readonly replication: { readonly user: string; readonly password: string };
  readonly superuserPassword: string;
  readonly serverSettings?: Readonly<Record<string, string>>;
  readonly progress?: (message: string) => void;
}

export interface Standby {
  readonly name: string;
  settings(database: string, role?: { readonly user: string; readonly password: string }): GuardedSettings;
  /** Makes it a primary on a timeline of its own. Nobody tells the other servers. */
  promote(): Promise<void>;
  /** Calls back when it ends without having been stopped. */
  onExit(callback: (exit: Exit) => void): void;
  stop(): Promise<void>;
  /** Stops it, forgets its slot and removes its files. */
  remove(): Promise<void>;
}

const NAME = /^[a-z][a-z0-9_]{0,30}$/;
const MAINTENANCE_DATABASE = "postgres";
const STREAMING_TIMEOUT_MS = 10_000;
const POLL_MS = 20;
const PROMOTE_TIMEOUT_S = 60;

/** Starts a standby, copying the primary when there is no copy yet, or none that can go on. @throws ClusterError, BackupError */
export async function openStandby(options: StandbyOptions): Promise<Standby> {
  if (!NAME.test(options.name)) throw new TypeError("A standby's name is lower case, digits and underscores.");
  const owner = await chooseProcessOwner();
  const binaries = await findBinaries(owner);
  const directory = await openClusterDirectory(options.directory, owner, options.progress ?? (() => undefined));
  await takeOver(directory, options.progress ?? (() => undefined));
  const start = async (): Promise<Postmaster> => {
    await configure(options, directory, owner);
    const postmaster = await startPostmaster(binaries, directory, owner);
    if (await streams(directory, options)) return postmaster;
    await postmaster.stop();
    throw cannotFollow(options.name);
  };
  try {
    const hasCopy = (await dataVersion(directory).catch(() => undefined)) !== undefined; // A copy that was cut off: made anew.
    const canGoOn = hasCopy && (await keepsItsLog(options));
    const known = canGoOn ? await start().catch(() => undefined) : undefined; // It cannot go on: a new copy can.
    if (known !== undefined) return opened(options, directory, known);
    options.progress?.(`copying the database for the standby ${options.name}`);
    await copyAnew(options, directory, owner);
    return opened(options, directory, await start());
  } catch (error) {
    await release(directory);
    await removeSocketFolder(directory);
    throw error;
  }
}

const cannotFollow = (name: string): ClusterError =>
  new ClusterError("cluster/start-failed", {
    expected: `the standby ${name} to stream from the primary`,
    found: `none within ${STREAMING_TIMEOUT_MS / 1000} s`,
    hint: "See the standby's log, and whether the primary allows replication.",
  });

async function copyAnew(options: StandbyOptions, directory: ClusterDirectory, owner: ProcessOwner): Promise<void> {
  await rm(directory.data, { recursive: true, force: true });
  const settings = options.primary.settings(MAINTENANCE_DATABASE, options.replication);
  const connection = await ReplicationConnection.open(settings, options.name);
  try {
    await dropSlot(connection, options.name);
    // Before the copy, so that the log since its beginning is kept until the standby has it.
    await connection.rows(`CREATE_REPLICATION_SLOT ${options.name} PHYSICAL (RESERVE_WAL)`);
    await copyData(connection, directory.data, owner);
    await rm(join(directory.data, "postgresql.auto.conf"), { force: true });
  } catch (error) {
    await rm(directory.data, { recursive: true, force: true });
    throw error;
  } finally {
    await connection.end();
  }
}

/** Whether the primary still has all that the copy lacks. One that is too old would wait for log that was removed. */
async function keepsItsLog({ primary, replication, name }: StandbyOptions): Promise<boolean> {
  const connection = await ReplicationConnection.open(primary.settings(MAINTENANCE_DATABASE, replication), name);
  try {
    const text = `select 1 as one from pg_catalog.pg_replication_slots where slot_name = '${name}' and wal_status <> 'lost'`;
    return (await connection.rows(text)).length > 0;
  } finally {
    await connection.end();
  }
}

/** A slot whose standby is gone keeps the log, and a full disk ends the primary. */
async function dropSlot(connection: ReplicationConnection, name: string): Promise<void> {
  const text = `select 1 as one from pg_catalog.pg_replication_slots where slot_name = '${name}'`;
  if ((await connection.rows(text)).length === 0) return;
  await connection.rows(`DROP_REPLICATION_SLOT ${name} WAIT`);
}

async function configure(options: StandbyOptions, directory: ClusterDirectory, owner: ProcessOwner): Promise<void> {
  const { host, port } = options.primary.settings(MAINTENANCE_DATABASE);
  const { user, password } = options.replication;
  const parts = {
    host: options.primary.socketFolder ?? host,
    port: String(port),
    user,
    password,
    application_name: options.name,
    require_auth: "scram-sha-256",
  };
  const words = Object.entries(parts).map(([key, value]) => `${key}='${String(value).replaceAll(/['\\]/g, "\\$&")}'`);
  await writeConfiguration(directory, owner, {
    extra: {
      ...options.serverSettings,
      primary_conninfo: words.join(" "),
      primary_slot_name: options.name,
      hot_standby: "on",
      hot_standby_feedback: "on", // A long read is not cancelled by what the primary vacuums.
      wal_receiver_status_interval: "1s",
      wal_retrieve_retry_interval: "200ms",
    },
  });
  for (const name of ["standby.signal", "postgresql.auto.conf"]) {
    await writeFile(join(directory.data, name), "", { mode: 0o600 });
    await giveTo(owner, join(directory.data, name));
  }
}

async function streams(directory: ClusterDirectory, options: StandbyOptions): Promise<boolean> {
  return withClient(settingsOf(directory, options)(MAINTENANCE_DATABASE), async (client) => {
    for (let waited = 0; waited < STREAMING_TIMEOUT_MS; waited += POLL_MS) {
      const { rows } = await client.query("select 1 from pg_catalog.pg_stat_wal_receiver where status = 'streaming'");
      if (rows.length > 0) return true;
      await wait(POLL_MS);
    }
    return false;
  });
}

const settingsOf =
  (directory: ClusterDirectory, { superuserPassword }: StandbyOptions): Standby["settings"] =>
  (database, role) => ({
    host: directory.sockets,
    port: SOCKET_PORT,
    user: role?.user ?? ADMINISTRATOR,
    password: role?.password ?? superuserPassword,
    database,
  });

function opened(options: StandbyOptions, directory: ClusterDirectory, postmaster: Postmaster): Standby {
  const settings = settingsOf(directory, options);
  let isStopping = false;
  const listeners: ((exit: Exit) => void)[] = [];
  void postmaster.exited.then((exit) => {
    if (!isStopping) for (const told of listeners) told(exit);
  });
  const stop = async (): Promise<void> => {
    isStopping = true;
    await postmaster.stop();
    await release(directory);
    await removeSocketFolder(directory);
  };
  return {
    name: options.name,
    settings,
    promote: () =>
      withClient(settings(MAINTENANCE_DATABASE), async (client) => {
        await client.query(`select pg_promote(true, ${PROMOTE_TIMEOUT_S})`);
      }),
    onExit: (callback) => {
      listeners.push(callback);
    },
    stop,
    async remove() {
      await stop();
      const primary = options.primary.settings(MAINTENANCE_DATABASE, options.replication);
      const connection = await ReplicationConnection.open(primary, options.name).catch(() => undefined); // Gone with its slots.
      if (connection !== undefined) {
        await dropSlot(connection, options.name).finally(() => connection.end());
      }
      await rm(directory.root, { recursive: true, force: true });
    },
  };
}

async function withClient<T>(settings: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(settings);
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
