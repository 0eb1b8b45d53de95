// A throw-away PostgreSQL for tests and benchmarks: real, but without the waits that only protect data nobody keeps.
import { createHmac, randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientConfig } from "pg";
import { openCluster } from "../cluster.ts";
import { ADMINISTRATOR } from "../initialise.ts";

/** What a test worker needs to reach the cluster; plain data, so that it can be passed between processes. */
export interface TestClusterAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly version: string;
}

export interface TestCluster {
  readonly address: TestClusterAddress;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** Never for data that matters: a crash of the machine may lose everything. */
export const serverSettingsForTests: Readonly<Record<string, string>> = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  summarize_wal: "off",
  max_wal_senders: "0",
  max_connections: "200",
  autovacuum: "off",
  max_wal_size: "256MB", // They may lie in memory.
};

export async function startTestCluster(settings: Readonly<Record<string, string>> = {}): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-test-"));
  await chmod(directory, 0o711); // The unprivileged user passes through to its own folder.
  const superuserPassword = randomBytes(24).toString("base64url");
  const cluster = await openCluster({
    directory: join(directory, "cluster"),
    superuserPassword,
    serverSettings: { ...serverSettingsForTests, ...settings },
  });
  const { host, port } = cluster.settings("postgres");
  return {
    address: { host: host as string, port: port as number, password: superuserPassword, version: cluster.version },
    stop: async () => {
      await cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** How to connect as the administrator, or as a role. */
export const settingsAt = (
  address: TestClusterAddress,
  database: string,
  role?: { readonly user: string; readonly password: string | (() => Promise<string>) },
): ClientConfig => ({
  host: address.host,
  port: address.port,
  user: role?.user ?? ADMINISTRATOR,
  password: role?.password ?? address.password,
  database,
});

/** The secrets of a test cluster: the same in every worker, different in every run. */
export const testSecret = (address: TestClusterAddress, name: string): string =>
  createHmac("sha256", address.password).update(name).digest("base64url");
