// A PostgreSQL that somebody else runs, named by DATABASE_URL. It is checked before anything is asked of it, and never stopped.
import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import pg from "pg";
import type { Cluster } from "./cluster.ts";
import { ClusterError } from "./error.ts";
import { checkedVersion, connectionError } from "./server-version.ts";

/** A given cluster also says which database its URL named. */
export interface GivenCluster extends Cluster {
  readonly kind: "given";
  readonly database: string;
}

const DEFAULT_PORT = 5432;
const PORT_MAX = 65_535;
const sslModes = ["disable", "require", "verify-full"] as const;
const parameters = new Set(["host", "sslmode", "sslrootcert", "application_name"]);

interface Target {
  readonly settings: pg.ClientConfig & { readonly database: string };
}

/**
 * Checks the server behind a URL: `postgres://user:password@host:port/database?sslmode=verify-full&sslrootcert=/path`.
 * Beyond this machine only verified TLS is spoken. The URL's password is never part of an error.
 * @throws ClusterError
 */
export async function connectGiven(databaseUrl: string): Promise<GivenCluster> {
  const { settings } = await parseDatabaseUrl(databaseUrl);
  const version = await checkedVersion(settings);
  await checkRights(settings);
  return {
    kind: "given",
    version,
    database: settings.database,
    maintenanceDatabase: settings.database,
    settings: (database, role) => ({ ...settings, database, ...role }),
    stop: async () => undefined,
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

async function parseDatabaseUrl(text: string): Promise<Target> {
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
  const database = decode(url.pathname.slice(1), "a database name after the host");
  const user = decode(url.username, "a user");
  const password = decode(url.password, "a password");
  const host = url.searchParams.get("host") ?? url.hostname.replace(/^\[(.+)\]$/, "$1");
  if (host === "") throw invalid("a host, or ?host=/folder/of/the/socket", "none");
  const port = url.port === "" ? DEFAULT_PORT : Number(url.port);
  if (!(port > 0 && port <= PORT_MAX)) throw invalid("a port from 1 to 65535", url.port);
  const ssl = await tlsFor(host, url);
  return { settings: { host, port, user, password, database, ...(ssl === undefined ? {} : { ssl }) } };
}

function decode(part: string, what: string): string {
  if (part === "") throw invalid(what, "none");
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(what, "a % that begins no character"); // Without the cause, whose message could quote the password.
  }
}

async function tlsFor(host: string, url: URL): Promise<pg.ClientConfig["ssl"]> {
  const isLocal =
    host.startsWith("/") || host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
  const mode = url.searchParams.get("sslmode") ?? (isLocal ? "disable" : "verify-full");
  if (!sslModes.some((known) => known === mode))
    throw invalid(`an sslmode of ${sslModes.join(", ")}`, mode.slice(0, 40));
  const rootFile = url.searchParams.get("sslrootcert");
  if (mode === "disable" && isLocal) return undefined;
  if (mode !== "verify-full") {
    throw new ClusterError("cluster/transport-insecure", {
      expected: "verified TLS to a server on another machine",
      found: `sslmode=${mode}`,
      hint: "Use sslmode=verify-full, with sslrootcert when its authority is not a public one.",
    });
  }
  if (rootFile === null) return { rejectUnauthorized: true };
  const ca = await readFile(rootFile, "utf8").catch((cause: unknown) => {
    throw invalid("an sslrootcert that can be read", (cause as NodeJS.ErrnoException).code ?? "a failure", cause);
  });
  return { rejectUnauthorized: true, ca };
}

interface Rights {
  readonly isSuperuser: boolean;
  readonly createsRoles: boolean;
  readonly createsDatabases: boolean;
  readonly bypassesPolicies: boolean;
}

/** Making roles needs CREATEROLE, a database CREATEDB, and service_role (BYPASSRLS) a user that has it itself (PostgreSQL 16). */
async function checkRights(settings: pg.ClientConfig): Promise<void> {
  const client = new pg.Client(settings);
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
