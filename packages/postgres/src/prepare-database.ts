// Makes a database ready: it exists, its roles are narrow, its schema is current and the claim key is known to it.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import type pg from "pg";
import { type ClaimKey, paddedKeys } from "./claim-proof.ts";
import type { Cluster } from "./cluster.ts";
import { DatabasePool, type PoolOptions } from "./database-pool.ts";
import { ClusterError } from "./error.ts";
import { migrate } from "./migrate.ts";
import type { MigrationSet } from "./migration-files.ts";
import { ensureRoles, type LoginRole, loginRoles } from "./roles.ts";
import { connectionError } from "./server-version.ts";
import { GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";

export interface PrepareOptions {
  /** The database's name: lower case, digits and underscores. */
  readonly database: string;
  /** The vault: gives the same random value for a name at every start. */
  readonly secrets: (name: string) => Promise<string>;
  /** The value of that name now, where another process may have replaced it: pools ask for their password at each new connection. */
  readonly latest?: (name: string) => Promise<string | undefined>;
  readonly migrationSets: readonly MigrationSet[];
}

/** A database that is ready for use. */
export interface PreparedDatabase {
  readonly database: string;
  /** The key that signs claims. Never logged, never sent. */
  readonly claimKey: ClaimKey;
  /** The files that this call applied, as "set/name". */
  readonly applied: readonly string[];
  /** A new pool of connections as one of the login roles; whoever makes it ends it. */
  pool(role: LoginRole, options?: PoolOptions): DatabasePool;
  /** A pool as a login role on another server that holds the same database, such as a replica; whoever makes it ends it. */
  poolAt(
    settings: (login: { readonly user: string; readonly password: string }) => GuardedSettings,
    role: LoginRole,
    options?: PoolOptions,
  ): DatabasePool;
  /** A connected client that may do everything; whoever asks for it ends it. */
  administrator(): Promise<pg.Client>;
}

/** The base schema: roles' rights, claims, the Supabase functions. Always the first set. */
export const baseMigrations: MigrationSet = {
  name: "base",
  directory: fileURLToPath(new URL("../migrations", import.meta.url)),
  role: "administrator",
};

/** The names under which the vault keeps what the database needs. */
export const CLAIM_KEY_NAME = "postgres-claim-key";
export const passwordName = (role: LoginRole): string => `postgres-password-${role}`;

const DATABASE_NAME = /^[a-z][a-z0-9_]{0,62}$/;
const KEY_ID_CHARACTERS = 16;

/**
 * Creates the database when missing and brings it up to date.
 * @throws ClusterError, MigrationError
 */
export async function prepareDatabase(cluster: Cluster, options: PrepareOptions): Promise<PreparedDatabase> {
  const { database } = options;
  if (!DATABASE_NAME.test(database)) {
    throw new ClusterError("cluster/database-missing", {
      expected: "a database name of lower-case letters, digits and underscores",
      found: JSON.stringify(database.slice(0, 80)),
      hint: "Choose another name.",
    });
  }
  const passwords = await loginPasswords(options.secrets);
  await withAdministrator(cluster, cluster.maintenanceDatabase, async (client) => {
    await ensureRoles(client, passwords, Number.parseInt(cluster.version, 10));
    await createDatabase(client, database);
  });
  const claimKey = claimKeyOf(await options.secrets(CLAIM_KEY_NAME));
  const { applied, canPrepare } = await withAdministrator(cluster, database, async (client) => {
    const report = await migrate(client, [baseMigrations, ...options.migrationSets]);
    await registerClaimKey(client, claimKey);
    return { applied: report.applied, canPrepare: await namesAreHidden(client) };
  });
  const { latest } = options;
  return databaseHandle(cluster, {
    database,
    claimKey,
    applied,
    passwords,
    canPrepare,
    ...(latest === undefined ? {} : { latest }),
  });
}

interface HandleInput {
  readonly database: string;
  readonly claimKey: ClaimKey;
  readonly applied: readonly string[];
  readonly passwords: ReadonlyMap<LoginRole, string>;
  readonly latest?: PrepareOptions["latest"];
  /** Whether statements may be prepared by name: only where no subject can read the names. */
  readonly canPrepare: boolean;
}

/** Whoever can read a prepared statement's name can put another statement in its place. */
async function namesAreHidden(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ canRead: boolean }>(
    `select bool_or(has_function_privilege(role, 'pg_catalog.pg_prepared_statement()', 'execute')) as "canRead"
       from unnest(array['anon', 'authenticated', 'holdfast_api']) role`,
  );
  return rows[0]?.canRead === false;
}

/** The handle of a database that is known to be ready. */
export function databaseHandle(
  cluster: Cluster,
  { database, claimKey, applied, passwords, canPrepare, latest }: HandleInput,
): PreparedDatabase {
  const passwordOf = (role: LoginRole) => {
    const password = passwords.get(role) as string;
    return latest === undefined ? password : async () => (await latest(passwordName(role))) ?? password;
  };
  return {
    database,
    claimKey,
    applied,
    pool: (role, poolOptions) => {
      const login = { user: role, password: passwordOf(role) };
      const { pooler } = cluster;
      const settings = pooler?.settings(database, login) ?? cluster.settings(database, login);
      return new DatabasePool(settings, claimKey, {
        isBehindPooler: pooler !== undefined,
        ...poolOptions,
        canPrepare: canPrepare && poolOptions?.canPrepare !== false,
      });
    },
    poolAt: (settingsFor, role, poolOptions) =>
      new DatabasePool(settingsFor({ user: role, password: passwords.get(role) as string }), claimKey, {
        ...poolOptions,
        canPrepare: canPrepare && poolOptions?.canPrepare !== false,
      }),
    administrator: () => connectedClient(cluster, database),
  };
}

/** The passwords of the login roles, from the vault. */
export async function loginPasswords(secrets: PrepareOptions["secrets"]): Promise<ReadonlyMap<LoginRole, string>> {
  const passwords = new Map<LoginRole, string>();
  for (const role of loginRoles) passwords.set(role, await secrets(passwordName(role)));
  return passwords;
}

async function connectedClient(cluster: Cluster, database: string): Promise<pg.Client> {
  const settings = cluster.settings(database);
  const client = new GuardedClient(settings);
  client.on("error", () => undefined); // A lost connection rejects the statement that was waiting for it.
  try {
    await client.connect();
  } catch (error) {
    throw connectionError(error, settings);
  }
  return client;
}

async function withAdministrator<T>(
  cluster: Cluster,
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connectedClient(cluster, database);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function createDatabase(client: pg.Client, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  const { rowCount } = await client.query("select 1 from pg_catalog.pg_database where datname = $1", [database]);
  if (rowCount === 0) {
    await client.query(`create database ${name}`).catch((error: unknown) => {
      // Another process made it between the two statements (42P04): that is what was wanted.
      if ((error as { code?: string }).code !== "42P04") throw error;
    });
  }
  await restrictDatabase(client, database);
}

/** Rights on the database itself, which a copy of a template does not inherit. No temporary tables: they could hide real ones. */
export async function restrictDatabase(client: pg.Client, database: string): Promise<void> {
  const name = client.escapeIdentifier(database);
  await client.query(`revoke all on database ${name} from public`);
  await client.query(`grant connect on database ${name} to ${loginRoles.join(", ")}`);
  await client.query(`grant create on database ${name} to holdfast_owner`);
}

/** A claim key is named after its own hash, so that a changed secret is a new key. */
export function claimKeyOf(key: string): ClaimKey {
  return { id: createHash("sha256").update(`id:${key}`).digest("hex").slice(0, KEY_ID_CHARACTERS), key };
}

/** A key whose secret was replaced stays good for as long as the longest proof made with it (5 minutes), and a little more. */
const REPLACED_KEY_LIFETIME = "10 minutes";

async function registerClaimKey(client: pg.Client, claimKey: ClaimKey): Promise<void> {
  const { inner, outer } = paddedKeys(claimKey);
  await client.query(
    `insert into holdfast_keeper.claim_keys (id, inner_key, outer_key) values ($1, $2, $3)
     on conflict (id) do update set valid_until = null`,
    [claimKey.id, inner, outer],
  );
  await client.query(
    `update holdfast_keeper.claim_keys set valid_until = now() + $2::interval where id <> $1 and valid_until is null`,
    [claimKey.id, REPLACED_KEY_LIFETIME],
  );
}
