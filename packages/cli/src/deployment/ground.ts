// What a deployment stands on: a vault and a PostgreSQL cluster in one data directory.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Cluster, connectGiven, openCluster } from "@holdfast/postgres";
import type { Vault } from "@holdfast/vault";
import type { Terminal } from "../terminal.ts";
import { openVaultAt } from "./open-vault.ts";

export interface GroundOptions {
  readonly dataDirectory: string;
  readonly terminal: Terminal;
  /** PostgreSQL given by the team; absent means the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Nothing here is worth a disk's patience: neither vault nor embedded cluster waits for it. */
  readonly isThrowaway?: boolean;
  /** Let an embedded cluster listen on TCP as well. The authority that signs for it may name the host of `origin`. */
  readonly tcp?: { readonly origin: string; readonly port?: number } | undefined;
}

export interface Ground {
  readonly vault: Vault;
  readonly cluster: Cluster;
  /** The database of the deployment: the one DATABASE_URL names, or our own. */
  readonly database: string;
  readonly dataDirectory: string;
  /** A random value, made once and the same at every later start. */
  secret(name: string): Promise<string>;
  close(): Promise<void>;
}

/** Server settings of a cluster that is not meant to outlive a crash. */
export const THROWAWAY_SETTINGS = {
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  max_wal_size: "256MB", // It may lie in memory.
};
/** What such a cluster has on disk at most, with its log and the databases of the twins that run at once. */
export const THROWAWAY_BYTES = 2 ** 30;

const SECRET_BYTES = 32;
/** PostgreSQL's certificates are good for 90 days and made anew every day, so that a copy of one is soon worth less. */
const RENEWAL_MS = 86_400_000;
/** The database of an embedded cluster. */
export const DATABASE = "holdfast";

export async function openGround({
  dataDirectory,
  terminal,
  databaseUrl,
  isThrowaway = false,
  tcp,
}: GroundOptions): Promise<Ground> {
  const vault = await openVaultAt(dataDirectory, isThrowaway);
  const secret = (name: string): Promise<string> =>
    vault.secret(name, () => randomBytes(SECRET_BYTES).toString("base64url"));
  const embedded = async () => ({
    database: DATABASE,
    cluster: await openCluster({
      directory: join(dataDirectory, "postgres"),
      superuserPassword: await secret("postgres-superuser"),
      progress: (message) => terminal.progress(`PostgreSQL: ${message} …`),
      ...(isThrowaway ? { serverSettings: THROWAWAY_SETTINGS } : {}),
      ...(tcp === undefined ? {} : { tcp: { ...tcp, authority: await vault.certificateAuthority(tcp.origin) } }),
    }),
  });
  try {
    const { cluster, database } = databaseUrl === undefined ? await embedded() : await given(databaseUrl);
    const renewal = setInterval(() => void cluster.renewCertificates().catch(() => undefined), RENEWAL_MS); // The next day again.
    renewal.unref();
    return {
      vault,
      cluster,
      database,
      dataDirectory,
      secret,
      async close() {
        clearInterval(renewal);
        await cluster.stop();
        await vault.close();
      },
    };
  } catch (error) {
    await vault.close();
    throw error;
  }
}

async function given(databaseUrl: string): Promise<{ cluster: Cluster; database: string }> {
  const cluster = await connectGiven(databaseUrl, process.env["DATABASE_POOLER_URL"]);
  return { cluster, database: cluster.database };
}
