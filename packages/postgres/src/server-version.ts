// Connects once to see that the server answers, takes our password and is recent enough. What goes wrong is told by its code.
import type pg from "pg";
import { ClusterError, type ClusterErrorCode } from "./error.ts";
import { AuthenticationError, GuardedClient, type GuardedSettings } from "./transit/guarded-client.ts";

/** security_invoker views came with PostgreSQL 15; policies rely on them. */
export const VERSION_MIN = 15;
const CONNECT_TIMEOUT_MS = 10_000;
const VERSION_NUMBER_FACTOR = 10_000;

/** The server's version, such as "18.4". @throws ClusterError */
export async function checkedVersion(settings: GuardedSettings): Promise<string> {
  const client = new GuardedClient({ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...settings });
  client.on("error", () => undefined); // The failing call below rejects as well; this only keeps it from being thrown twice.
  try {
    await client.connect();
    const { rows } = await client.query<{ number: string; text: string }>(
      "select current_setting('server_version_num') as number, current_setting('server_version') as text",
    );
    const text = rows[0]?.text.split(" ")[0] ?? "unknown";
    refuseOldVersion(rows[0]?.number ?? "", text);
    return text;
  } catch (error) {
    throw error instanceof ClusterError ? error : connectionError(error, settings);
  } finally {
    await client.end().catch(() => undefined); // It never connected, or is gone: nothing to end.
  }
}

/** `number` is server_version_num, such as "180004". */
export function refuseOldVersion(number: string, text: string): void {
  if (Math.floor(Number(number) / VERSION_NUMBER_FACTOR) >= VERSION_MIN) return;
  throw new ClusterError("cluster/version-too-old", {
    expected: `PostgreSQL ${VERSION_MIN} or later`,
    found: `PostgreSQL ${text}`,
    hint: "Upgrade the server, or leave DATABASE_URL out to use the embedded one.",
  });
}

interface Reason {
  readonly code: ClusterErrorCode;
  readonly expected: string;
  readonly hint: string;
}

/** Translates what pg or the server said about a failed connection. The password is never part of it. */
export function connectionError(error: unknown, settings: pg.ClientConfig): ClusterError {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  const place = `${settings.host ?? "localhost"}:${settings.port ?? 5432}`;
  const {
    code: ours,
    expected,
    hint,
  } = error instanceof AuthenticationError ? weakness(error, place) : reasonOf(code, message, settings, place);
  return new ClusterError(ours, {
    expected,
    found: (error instanceof AuthenticationError ? message : code || message).slice(0, 200) || "no answer",
    hint,
    cause: error,
  });
}

const weakness = ({ demanded }: AuthenticationError, place: string): Reason => ({
  code: "cluster/authentication-weak",
  expected: `the server at ${place} to prove that it knows the password, by ${demanded}`,
  hint: demanded.endsWith("-PLUS")
    ? "A pooler between cannot bind the channel: then add channel_binding=prefer to the URL. Otherwise somebody is in between."
    : "Set password_encryption to scram-sha-256, set the passwords anew, and use scram-sha-256 in pg_hba.conf; nothing was sent.",
});

function reasonOf(code: string, message: string, settings: pg.ClientConfig, place: string): Reason {
  if (code === "28P01" || code === "28000") {
    return {
      code: "cluster/password-refused",
      expected: `the server at ${place} to accept ${settings.user ?? "the user"}'s password`,
      hint: "The password belongs to another cluster or was changed: restore the vault that goes with it, or correct DATABASE_URL.",
    };
  }
  if (code === "3D000") {
    return {
      code: "cluster/database-missing",
      expected: `a database named ${settings.database}`,
      hint: "Create it, or correct the name at the end of DATABASE_URL.",
    };
  }
  if (/SSL|TLS|certificate|self.signed/i.test(`${code} ${message}`)) {
    return {
      code: "cluster/transport-insecure",
      expected: `a TLS connection to ${place} with a certificate that verifies`,
      hint: "Use sslmode=verify-full with sslrootcert, and a server that has TLS switched on.",
    };
  }
  return {
    code: "cluster/unreachable",
    expected: `PostgreSQL to answer at ${place}`,
    hint: "Check that it runs, that the host and port are right and that a firewall lets you through.",
  };
}
