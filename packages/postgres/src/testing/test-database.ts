// A database of its own for each test, copied from a template that is migrated once per run.
import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import type { Cluster } from "../cluster.ts";
import { DatabasePool, type PoolOptions } from "../database-pool.ts";
import { type MigrationSet, readMigrations } from "../migration-files.ts";
import {
  baseMigrations,
  CLAIM_KEY_NAME,
  claimKeyOf,
  databaseHandle,
  loginPasswords,
  type PreparedDatabase,
  passwordName,
  prepareDatabase,
  restrictDatabase,
} from "../prepare-database.ts";
import type { LoginRole } from "../roles.ts";
import { settingsAt, type TestClusterAddress, testSecret } from "./test-cluster.ts";

export interface TestDatabaseOptions {
  readonly migrationSets?: readonly MigrationSet[];
}

export interface TestDatabase {
  readonly name: string;
  readonly prepared: PreparedDatabase;
  /** How to connect: as the administrator, or as a login role. */
  settings(role?: LoginRole): pg.ClientConfig;
  /** A pool as `holdfast_api` unless another role is named; ended by `drop`. */
  pool(role?: LoginRole, options?: PoolOptions): DatabasePool;
  /** A pool that reaches the database another way, for example through a proxy; whoever makes it ends it. */
  poolAt(settings: pg.ClientConfig, options?: PoolOptions): DatabasePool;
  /** A connected client that may do everything; ended by `drop`. */
  administrator(): Promise<pg.Client>;
  /** Ends what this database was used through, and removes it. */
  drop(): Promise<void>;
}

/** Taken while a template is made, so that one worker makes it and the others wait. "temp" in ASCII. */
const TEMPLATE_LOCK = 0x74656d70;
const NAME_BYTES = 8;

/** Makes a database on the cluster at `address`. */
export async function testDatabaseAt(
  address: TestClusterAddress,
  options: TestDatabaseOptions = {},
): Promise<TestDatabase> {
  const cluster = clusterAt(address);
  const migrationSets = options.migrationSets ?? [];
  const name = `test_${randomBytes(NAME_BYTES).toString("hex")}`;
  const secrets = async (secret: string): Promise<string> => testSecret(address, secret);
  await maintain(address, async (client) => {
    const template = await ensureTemplate(client, cluster, secrets, migrationSets);
    await client.query(`create database ${name} template ${template} strategy file_copy`);
    await restrictDatabase(client, name);
  });
  const passwords = await loginPasswords(secrets);
  const claimKey = claimKeyOf(await secrets(CLAIM_KEY_NAME));
  const prepared = databaseHandle(cluster, { database: name, claimKey, applied: [], passwords, canPrepare: true });
  const pools: DatabasePool[] = [];
  const clients: pg.Client[] = [];
  return {
    name,
    prepared,
    settings: (role) =>
      settingsAt(address, name, role && { user: role, password: testSecret(address, passwordName(role)) }),
    pool: (role = "holdfast_api", poolOptions) => {
      const pool = prepared.pool(role, poolOptions);
      pools.push(pool);
      return pool;
    },
    poolAt: (settings, poolOptions) => new DatabasePool(settings, claimKey, poolOptions),
    administrator: async () => {
      const client = await prepared.administrator();
      clients.push(client);
      return client;
    },
    drop: async () => {
      await Promise.all([
        ...pools.map((pool) => pool.end()),
        ...clients.map((client) => client.end().catch(() => undefined)),
      ]); // Ended by its test.
      await maintain(address, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** The template with these migrations; made by whoever comes first. */
async function ensureTemplate(
  client: pg.Client,
  cluster: Cluster,
  secrets: (name: string) => Promise<string>,
  migrationSets: readonly MigrationSet[],
): Promise<string> {
  const template = await templateName(migrationSets);
  await client.query("select pg_advisory_lock($1)", [TEMPLATE_LOCK]);
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = $1", [template]);
    if (rowCount !== 0) return template;
    const unfinished = `unfinished_${randomBytes(NAME_BYTES).toString("hex")}`;
    await prepareDatabase(cluster, { database: unfinished, secrets, migrationSets });
    await client.query(`alter database ${unfinished} rename to ${template}`);
    return template;
  } finally {
    await client.query("select pg_advisory_unlock($1)", [TEMPLATE_LOCK]);
  }
}

async function templateName(migrationSets: readonly MigrationSet[]): Promise<string> {
  const hash = createHash("sha256");
  for (const set of [baseMigrations, ...migrationSets]) {
    for (const file of await readMigrations(set))
      hash.update(JSON.stringify([set.name, set.role, file.name, file.sha256]));
  }
  return `template_${hash.digest("hex").slice(0, 32)}`;
}

function clusterAt(address: TestClusterAddress): Cluster {
  return {
    kind: "given",
    version: address.version,
    maintenanceDatabase: "postgres",
    settings: (database, role) => settingsAt(address, database, role),
    stop: async () => undefined,
    renewCertificates: async () => undefined,
    onExit: () => undefined,
  };
}

async function maintain<T>(address: TestClusterAddress, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(settingsAt(address, "postgres"));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
