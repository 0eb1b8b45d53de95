// The server's settings and its host rules, written anew at every start so that what runs is what this file says.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterDirectory, giveTo } from "./cluster-directory.ts";
import type { ServerTls } from "./transit/cluster-tls.ts";
import type { ProcessOwner } from "./unprivileged-user.ts";

/** The port in the socket's file name. With TCP off nothing listens on it. */
export const SOCKET_PORT = 5432;

const SECRET_FILE = 0o600;

const settings: Readonly<Record<string, string>> = {
  timezone: "UTC",
  log_timezone: "UTC",
  password_encryption: "scram-sha-256",
  max_connections: "100",
  shared_buffers: "128MB",
  jit: "off",
  lc_messages: "C",
  // The log tells what the server does, and never a value: an error's own sentence quotes what was sent, so errors go to whoever asked.
  log_min_messages: "log",
  log_line_prefix: "%m [%p] %q%u@%d ",
  log_min_duration_statement: "-1",
  log_statement: "none",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  // Counts statements by role. Only those that PostgreSQL writes without their values, and nothing of them is kept over a stop.
  shared_preload_libraries: "pg_stat_statements",
  "pg_stat_statements.track": "top",
  "pg_stat_statements.track_utility": "off",
  "pg_stat_statements.save": "off",
  // A standby that is gone must not fill the primary's disk with log that is kept for it.
  max_slot_wal_keep_size: "1GB",
  idle_replication_slot_timeout: "1d",
  // Incremental backups are made from these summaries.
  summarize_wal: "on",
  // A client that stops answering must not hold its backend and locks.
  client_connection_check_interval: "10s",
  idle_in_transaction_session_timeout: "60s",
};

export interface ConfigurationInput {
  readonly tcp?: { readonly port: number; readonly tls: ServerTls };
  readonly extra?: Readonly<Record<string, string>>;
}

export async function writeConfiguration(
  directory: ClusterDirectory,
  owner: ProcessOwner,
  input: ConfigurationInput,
): Promise<void> {
  const chosen: Record<string, string> = {
    ...settings,
    data_directory: directory.data,
    hba_file: directory.hostRules,
    unix_socket_directories: directory.sockets,
    unix_socket_permissions: "0700",
    listen_addresses: "",
    port: String(SOCKET_PORT),
    ...input.extra,
  };
  const rules = ["local all all scram-sha-256", "local replication all scram-sha-256"];
  if (input.tcp !== undefined) {
    await writeServerTls(directory, owner, input.tcp.tls);
    Object.assign(chosen, {
      listen_addresses: "127.0.0.1",
      port: String(input.tcp.port),
      ssl: "on",
      ssl_cert_file: join(directory.root, CERTIFICATE_FILE),
      ssl_key_file: join(directory.root, KEY_FILE),
      ssl_ca_file: join(directory.root, AUTHORITY_FILE),
      ssl_min_protocol_version: "TLSv1.3",
    });
    // Said, not left out: a connection without TLS, or from elsewhere, meets a rule that refuses it.
    rules.push("hostnossl all all all reject", "hostnossl replication all all reject");
    for (const database of ["all", "replication"]) {
      rules.push(`hostssl ${database} all 127.0.0.1/32 scram-sha-256 clientcert=verify-full`);
    }
    rules.push("host all all all reject", "host replication all all reject");
  }
  const lines = Object.entries(chosen).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  await writePrivate(directory.configuration, `${lines.join("\n")}\n`, owner);
  await writePrivate(directory.hostRules, `${rules.join("\n")}\n`, owner);
}

const CERTIFICATE_FILE = "server.crt";
const KEY_FILE = "server.key";
const AUTHORITY_FILE = "clients.crt";

/** Each file is whole at every moment: the server may read it at any. */
export async function writeServerTls(directory: ClusterDirectory, owner: ProcessOwner, tls: ServerTls): Promise<void> {
  const files = {
    [CERTIFICATE_FILE]: tls.certificatePem,
    [KEY_FILE]: tls.privateKeyPem,
    [AUTHORITY_FILE]: tls.authorityPem,
  };
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory.root, name);
    await writePrivate(`${path}.new`, text, owner);
    await rename(`${path}.new`, path);
  }
}

async function writePrivate(path: string, text: string, owner: ProcessOwner): Promise<void> {
  await writeFile(path, text, { mode: SECRET_FILE });
  await giveTo(owner, path);
}
