// How a server named by a URL is reached: verified TLS beyond this machine unless somebody has consented to less, in libpq's own
// words (PostgreSQL, §32.1.2), so that a URL that works with psql says the same here.
import { readFile } from "node:fs/promises";
import { isIPv4 } from "node:net";
import { ClusterError } from "../error.ts";
import type { ChannelBinding, GuardedSettings, RequiredAuthentication } from "./guarded-client.ts";

/** What protects the connections to a given server. */
export type Transport = "socket" | "loopback" | "verified-tls" | "plaintext";

export interface GivenTransport {
  readonly transport: Transport;
  readonly settings: Pick<GuardedSettings, "ssl" | "requireAuth" | "channelBinding">;
}

/** Not libpq's: the consent to an unencrypted connection to another machine, where something else encrypts it. */
export const PLAINTEXT_CONSENT = "holdfast_plaintext";
const ACCEPT = "accept";

const words = {
  sslmode: ["disable", "require", "verify-full"],
  channel_binding: ["require", "prefer", "disable"],
  require_auth: ["scram-sha-256", "md5", "password", "none"],
  ssl_min_protocol_version: ["TLSv1.2", "TLSv1.3"],
  [PLAINTEXT_CONSENT]: [ACCEPT],
} as const;
const files = ["sslrootcert", "sslcert", "sslkey"] as const;

/** The parameters of a URL that say how the server is reached. */
export const transportParameters: readonly string[] = [...Object.keys(words), ...files];

/** @throws ClusterError `cluster/url-invalid`, `cluster/transport-insecure` */
export async function transportTo(host: string, parameters: URLSearchParams): Promise<GivenTransport> {
  for (const [name, allowed] of Object.entries(words)) {
    const value = parameters.get(name);
    if (value !== null && !allowed.some((word) => word === value)) throw invalid(name, allowed, value);
  }
  const local = localTransport(host);
  const mode = parameters.get("sslmode") ?? (local === undefined ? "verify-full" : "disable");
  const demands = {
    ...(parameters.has("require_auth")
      ? { requireAuth: parameters.get("require_auth") as RequiredAuthentication }
      : {}),
    ...(parameters.has("channel_binding")
      ? { channelBinding: parameters.get("channel_binding") as ChannelBinding }
      : {}),
  };
  if (mode === "disable") {
    if (local !== undefined) return { transport: local, settings: demands };
    if (parameters.get(PLAINTEXT_CONSENT) === ACCEPT) return { transport: "plaintext", settings: demands };
    throw insecure(mode, `or, where a VPN or a mesh encrypts the way, consent with ${PLAINTEXT_CONSENT}=${ACCEPT}`);
  }
  if (mode !== "verify-full") throw insecure(mode, "sslmode=require encrypts to whoever answers, so it is not offered");
  return { transport: "verified-tls", settings: { ...demands, ssl: await tlsOptions(parameters) } };
}

function localTransport(host: string): Transport | undefined {
  if (host.startsWith("/")) return "socket";
  const isLoopback = host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
  return isLoopback ? "loopback" : undefined;
}

async function tlsOptions(parameters: URLSearchParams): Promise<Exclude<GuardedSettings["ssl"], boolean | undefined>> {
  const [ca, cert, key] = await Promise.all(files.map((name) => content(parameters, name)));
  if ((cert === undefined) !== (key === undefined)) {
    throw new ClusterError("cluster/url-invalid", {
      expected: "DATABASE_URL to have both sslcert and sslkey, or neither",
      found: cert === undefined ? "sslkey alone" : "sslcert alone",
      hint: "A client certificate is good for nothing without its key.",
    });
  }
  return {
    rejectUnauthorized: true,
    minVersion: (parameters.get("ssl_min_protocol_version") ?? "TLSv1.2") as "TLSv1.2" | "TLSv1.3",
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert, key }),
  };
}

async function content(parameters: URLSearchParams, name: (typeof files)[number]): Promise<string | undefined> {
  const path = parameters.get(name);
  if (path === null) return undefined;
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new ClusterError("cluster/url-invalid", {
      expected: `DATABASE_URL to have an ${name} that can be read`,
      found: (cause as NodeJS.ErrnoException).code ?? "a failure",
      hint: "Give the absolute path of a PEM file.",
      cause,
    });
  });
}

const invalid = (name: string, allowed: readonly string[], found: string): ClusterError =>
  new ClusterError("cluster/url-invalid", {
    expected: `DATABASE_URL to have ${name} as one of ${allowed.join(", ")}`,
    found: found.slice(0, 40),
    hint: "Correct it, or leave it out: the default is the strictest.",
  });

const insecure = (mode: string, more: string): ClusterError =>
  new ClusterError("cluster/transport-insecure", {
    expected: "verified TLS to a server on another machine",
    found: `sslmode=${mode}`,
    hint: `Use sslmode=verify-full, with sslrootcert when its authority is not a public one; ${more}.`,
  });
