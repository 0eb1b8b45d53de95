// What a deployment stands on: a vault and a PostgreSQL cluster in one data directory.
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, connectGiven, openCluster } from "@holdfast/postgres";
import { openVault, type Vault } from "@holdfast/vault";
import type { Terminal } from "../terminal.ts";

export interface GroundOptions {
  readonly dataDirectory: string;
  readonly terminal: Terminal;
  /** PostgreSQL given by the team; absent means the embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Server settings of an embedded cluster that holds nothing worth keeping. */
  readonly serverSettings?: Readonly<Record<string, string>>;
}

export interface Ground {
  readonly vault: Vault;
  readonly cluster: Cluster;
  /** A random value, made once and the same at every later start. */
  secret(name: string): Promise<string>;
  close(): Promise<void>;
}

const SECRET_BYTES = 32;

export async function openGround({ dataDirectory, terminal, databaseUrl, serverSettings }: GroundOptions): Promise<Ground> {
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const vault = await openVault({ directory: join(dataDirectory, "vault") });
  const secret = (name: string): Promise<string> => vault.secret(name, () => randomBytes(SECRET_BYTES).toString("base64url"));
  try {
    const cluster =
      databaseUrl === undefined
        ? await openCluster({
            directory: join(dataDirectory, "postgres"),
            superuserPassword: await secret("postgres-superuser"),
            progress: (message) => terminal.progress(`PostgreSQL: ${message} …`),
            ...(serverSettings === undefined ? {} : { serverSettings }),
          })
        : await connectGiven(databaseUrl);
    return {
      vault,
      cluster,
      secret,
      async close() {
        await cluster.stop();
        await vault.close();
      },
    };
  } catch (error) {
    await vault.close();
    throw error;
  }
}
