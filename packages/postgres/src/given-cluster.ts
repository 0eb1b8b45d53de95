// A PostgreSQL that somebody else runs, named by DATABASE_URL. It is checked before anything is asked of it, and never stopped.
import type { Cluster } from "./cluster.ts";
import { ClusterError } from "./error.ts";
import { checkedVersion, connectionError } from "./server-version.ts";
import { type Transport, transportParameters, transportTo } from "./transit/given-transport.ts";
import { GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";

/** A given cluster also says which database its URL named. */
export interface GivenCluster extends Cluster {
  readonly kind: "given";
  readonly database: string;
  /** What protects the connections to it. */
  readonly transport: Transport;
}

const DEFAULT_PORT = 5432;
const PORT_MAX = 65_535;
const parameters = new Set(["host", "application_name", ...transportParameters]);

interface Target {
  readonly transport: Transport;
  readonly settings: GuardedSettings & { readonly database: string };
}

/**
 * Checks the server behind a URL: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=/path`.
 * `poolerUrl` names the pooler in transaction mode that pools connect to; start-up and migrations go to the server itself.
 * Beyond this machine only verified TLS is spoken, unless the URL consents to less. The URL's password is never part of an error.
 * @throws ClusterError
 */
export async function connectGiven(databaseUrl: string, poolerUrl?: string): Promise<GivenCluster> {
  const { settings, transport } = await parseDatabaseUrl(databaseUrl);
  const pooler = poolerUrl === undefined ? undefined : await parsePlace(parseUrl(poolerUrl));
  const version = await checkedVersion(settings);
  await checkRights(settings);
  return {
    kind: "given",
    version,
    database: settings.database,
    transport,
    ...(pooler === undefined
      ? {}
      : { pooler: { settings: (database, role) => ({ ...pooler.settings, database, ...role }) } }),
    maintenanceDatabase: settings.database,
    settings: (database, role) => ({ ...settings, database, ...role }),
    stop: async () => undefined,
    renewCertificates: async () => undefined,
    onExit: () => undefined,
  };
}

const invalid = (expected: string, found: string, cause?: unknown): ClusterError =>
  new ClusterError("cluster/url-invalid", {
    expected: `DATABASE_URL to have ${expected}`,
    found,
    hint: "Write it as postgres://user:password@host:5432/database; special characters in the password as %XX.",
    cause,
  });

/** What a URL says of the server and how to reach it. Nothing is connected. @throws ClusterError */
export async function parseDatabaseUrl(text: string): Promise<Target> {
  const url = parseUrl(text);
  const database = decode(url.pathname.slice(1), "a database name after the host");
  const user = decode(url.username, "a user");
  const password = decode(url.password, "a password");
  const { transport, settings } = await parsePlace(url);
  return { transport, settings: { ...settings, user, password, database } };
}

function parseUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid("the form of a URL", "a text that is none"); // Without the cause, whose message quotes the password.
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:")
    throw invalid("the scheme postgres", url.protocol);
  for (const name of url.searchParams.keys()) {
    if (!parameters.has(name)) throw invalid(`only the parameters ${[...parameters].join(", ")}`, name.slice(0, 40));
  }
  return url;
}

async function parsePlace(url: URL): Promise<{ readonly transport: Transport; readonly settings: GuardedSettings }> {
  const host = url.searchParams.get("host") ?? url.hostname.replace(/^\[(.+)\]$/, "$1");
  if (host === "") throw invalid("a host, or ?host=/folder/of/the/socket", "none");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  if (!(port > 0 && port <= PORT_MAX)) throw invalid("a port from 1 to 65535", url.port);
  const { transport, settings } = await transportTo(host, url.searchParams);
  return { transport, settings: { host, port, ...settings } };
}

function decode(part: string, what: string): string {
  if (part === "") throw invalid(what, "none");
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(what, "a % that begins no character"); // Without the cause, whose message could quote the password.
  }
}

interface Rights {
  readonly isSuperuser: boolean;
  readonly createsRoles: boolean;
  readonly createsDatabases: boolean;
  readonly bypassesPolicies: boolean;
}

/** Making roles needs CREATEROLE, a database CREATEDB, and service_role (BYPASSRLS) a user that has it itself (PostgreSQL 16). */
async function checkRights(settings: GuardedSettings): Promise<void> {
  const client = new GuardedClient(settings);
  client.on("error", () => undefined); // The failing query below rejects as well.
  try {
    await client.connect();
    const { rows } = await client.query<Rights>(
      `select rolsuper as "isSuperuser", rolcreaterole as "createsRoles", rolcreatedb as "createsDatabases",
              rolbypassrls as "bypassesPolicies" from pg_catalog.pg_roles where rolname = current_user`,
    );
    const rights = rows[0];
    if (rights === undefined || rights.isSuperuser) return;
    const missing = [
      rights.createsRoles ? "" : "CREATEROLE",
      rights.createsDatabases ? "" : "CREATEDB",
      rights.bypassesPolicies ? "" : "BYPASSRLS",
    ].filter((each) => each !== "");
    if (missing.length === 0) return;
    throw new ClusterError("cluster/rights-missing", {
      expected: `the user ${settings.user} to have CREATEROLE, CREATEDB and BYPASSRLS`,
      found: `no ${missing.join(", no ")}`,
      hint: "Grant them, or name the server's administrator in DATABASE_URL; the application itself never uses that user.",
    });
  } catch (error) {
    throw error instanceof ClusterError ? error : connectionError(error, settings);
  } finally {
    await client.end().catch(() => undefined); // It never connected, or is gone: nothing to end.
  }
}
