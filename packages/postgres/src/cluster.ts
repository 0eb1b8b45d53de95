// The embedded PostgreSQL: one cluster in one directory of ours, run as an unprivileged user, closed to the network unless
// TCP with TLS is asked for. Meant for development, proofs, drills and small single-host use.

import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import type { CertificateAuthority } from "@holdfast/vault";
import { ARCHIVER_NAME } from "./backup/archiver-name.ts";
import { findBinaries } from "./binaries.ts";
import { SOCKET_PORT, writeConfiguration, writeServerTls } from "./cluster-configuration.ts";
import { type ClusterDirectory, dataVersion, openClusterDirectory, removeSocketFolder } from "./cluster-directory.ts";
import { ClusterError } from "./error.ts";
import { ADMINISTRATOR, initialiseData } from "./initialise.ts";
import { release, takeOver } from "./orphan.ts";
import { type Exit, type Postmaster, startPostmaster } from "./postmaster.ts";
import { checkedVersion } from "./server-version.ts";
import { ClusterTls } from "./transit/cluster-tls.ts";
import type { GuardedSettings } from "./transit/guarded-client.ts";
import { chooseProcessOwner, type ProcessOwner } from "./unprivileged-user.ts";

/** A PostgreSQL to work with: the embedded one, or one that was given. */
export interface Cluster {
  readonly kind: "embedded" | "given";
  /** For example "18.4". */
  readonly version: string;
  /** The database to be in while databases and roles are made. */
  readonly maintenanceDatabase: string;
  /** Where an embedded cluster has its unix socket. */
  readonly socketFolder?: string;
  /** How to connect to a database: as its administrator, or with a role's name and password. */
  settings(
    database: string,
    role?: { readonly user: string; readonly password: string | (() => Promise<string>) },
  ): GuardedSettings;
  /** The pooler in transaction mode that pools go through, where one was given. */
  readonly pooler?: {
    settings(
      database: string,
      role: { readonly user: string; readonly password: string | (() => Promise<string>) },
    ): GuardedSettings;
  };
  /** Stops an embedded cluster (fast shutdown); does nothing to a given one. */
  stop(): Promise<void>;
  /** Issues the certificates of an embedded cluster on TCP anew; open connections go on. Nothing to do without TCP. */
  renewCertificates(): Promise<void>;
  /** Commits of an embedded cluster wait until the archiver of the log has stored them, or no longer; absent for a given one. */
  waitForArchive?(waits: boolean): Promise<void>;
  /** Calls back when an embedded cluster ends without having been stopped. */
  onExit(callback: (exit: Exit) => void): void;
}

export interface OpenClusterOptions {
  /** Holds everything the cluster writes; created when missing. */
  readonly directory: string;
  /** From the vault: random, the same at every start. */
  readonly superuserPassword: string;
  readonly progress?: (message: string) => void;
  /**
   * Listen on 127.0.0.1 too, with TLS 1.3 only, to whoever shows a certificate of this authority for the role's name; our own
   * connections then come that way. The port is free and chosen anew when the asked one is busy.
   */
  readonly tcp?: { readonly authority: CertificateAuthority; readonly port?: number };
  /** More server settings, such as `fsync = off` for tests. Their values must come from the program, never from a request. */
  readonly serverSettings?: Readonly<Record<string, string>>;
}

const MAINTENANCE_DATABASE = "postgres";
const LOOPBACK = "127.0.0.1";

/**
 * Starts the embedded PostgreSQL on a directory, creating it the first time.
 * @throws ClusterError; nothing is left running then.
 */
export async function openCluster(options: OpenClusterOptions): Promise<Cluster> {
  const progress = options.progress ?? (() => undefined);
  const owner = await chooseProcessOwner();
  const binaries = await findBinaries(owner);
  const directory = await openClusterDirectory(options.directory, owner, progress);
  await takeOver(directory, progress);
  try {
    const found = await dataVersion(directory);
    if (found !== undefined && found !== binaries.majorVersion) throw versionMismatch(binaries.majorVersion, found);
    if (found === undefined) {
      progress("creating a PostgreSQL cluster");
      await initialiseData(
        binaries,
        directory,
        owner,
        options.superuserPassword,
        options.serverSettings?.fsync !== "off",
      );
    }
    await chmod(directory.data, 0o700);
    const port = options.tcp === undefined ? SOCKET_PORT : await freePort(options.tcp.port);
    const tls = options.tcp === undefined ? undefined : new ClusterTls(options.tcp.authority);
    await writeConfiguration(directory, owner, {
      ...(tls === undefined ? {} : { tcp: { port, tls: await tls.renew() } }),
      ...(options.serverSettings === undefined ? {} : { extra: options.serverSettings }),
    });
    const postmaster = await startPostmaster(binaries, directory, owner);
    return await opened({ directory, owner, postmaster, port, tls }, options);
  } catch (error) {
    await release(directory);
    await removeSocketFolder(directory);
    throw error;
  }
}

interface Started {
  readonly directory: ClusterDirectory;
  readonly owner: ProcessOwner;
  readonly postmaster: Postmaster;
  readonly port: number;
  readonly tls: ClusterTls | undefined;
}

async function opened(started: Started, { superuserPassword, serverSettings }: OpenClusterOptions): Promise<Cluster> {
  const { directory, owner, postmaster, port, tls } = started;
  const settings: Cluster["settings"] = (database, role) => {
    const user = role?.user ?? ADMINISTRATOR;
    const way = tls === undefined ? { host: directory.sockets } : { host: LOOPBACK, ssl: tls.clientOptions(user) };
    return { ...way, port, user, password: role?.password ?? superuserPassword, database };
  };
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
  try {
    const version = await checkedVersion(settings(MAINTENANCE_DATABASE));
    return {
      kind: "embedded",
      version,
      maintenanceDatabase: MAINTENANCE_DATABASE,
      socketFolder: directory.sockets,
      settings,
      stop,
      renewCertificates: async () => {
        if (tls === undefined) return;
        await writeServerTls(directory, owner, await tls.renew());
        postmaster.reload();
      },
      waitForArchive: async (waits) => {
        const extra = { ...serverSettings, ...(waits ? { synchronous_standby_names: ARCHIVER_NAME } : {}) };
        const tcp = tls === undefined ? {} : { tcp: { port, tls: await tls.renew() } };
        await writeConfiguration(directory, owner, { ...tcp, extra });
        postmaster.reload();
      },
      onExit: (callback) => {
        listeners.push(callback);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const versionMismatch = (expected: string, found: string): ClusterError =>
  new ClusterError("cluster/version-mismatch", {
    expected: `data made by PostgreSQL ${expected}`,
    found: `data made by PostgreSQL ${found}`,
    hint: "Move the data over with pg_dump, or use the release that made it. Nothing was changed.",
  });

/** The asked port when it is free, else one that is. */
async function freePort(asked = 0): Promise<number> {
  for (const candidate of [asked, 0]) {
    const port = await listenOnce(candidate);
    if (port !== undefined) return port;
  }
  throw new ClusterError("cluster/start-failed", {
    expected: "a free TCP port on 127.0.0.1",
    found: "none",
    hint: "Leave `tcp` out: the unix socket needs no port.",
  });
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined)); // Busy, or not allowed: another one is tried.
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
