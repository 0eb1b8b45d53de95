// A connection to a database that somebody else runs, to look at it. A user that may only read is enough.
import type { Client } from "pg";
import { parseDatabaseUrl } from "../given-cluster.ts";
import { connectionError } from "../server-version.ts";
import { GuardedClient } from "../transit/guarded-client.ts";

const CONNECT_TIMEOUT_MS = 10_000;

/** `password` where the URL has none: a URL stands in the list of processes. @throws ClusterError, without the password */
export async function connectForInspection(databaseUrl: string, password?: string): Promise<Client> {
  const { settings } = await parseDatabaseUrl(withPassword(databaseUrl, password));
  const client = new GuardedClient({
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...settings,
    application_name: "holdfast inspect",
  });
  client.on("error", () => undefined); // The failing query rejects as well.
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined); // It never connected: nothing to end.
    throw connectionError(error, settings);
  }
}

function withPassword(databaseUrl: string, password: string | undefined): string {
  if (password === undefined || !URL.canParse(databaseUrl)) return databaseUrl;
  const url = new URL(databaseUrl);
  if (url.password !== "" || url.username === "") return databaseUrl;
  url.password = encodeURIComponent(password);
  return url.href;
}
