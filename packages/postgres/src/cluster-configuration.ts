// The server's settings and its host rules, written anew at every start so that what runs is what this file says.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterDirectory, giveTo } from "./cluster-directory.ts";
import type { ProcessOwner } from "./unprivileged-user.ts";

/** What TCP clients see; the private key stays in the cluster's directory, mode 0600. */
export interface TcpTls {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

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
  // The log tells what failed and never with which values.
  log_line_prefix: "%m [%p] %q%u@%d ",
  log_min_duration_statement: "-1",
  log_statement: "none",
  log_parameter_max_length: "0",
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_checkpoints: "off",
  // A client that stops answering must not hold its backend and locks.
  client_connection_check_interval: "10s",
  idle_in_transaction_session_timeout: "60s",
};

export interface ConfigurationInput {
  readonly tcp?: { readonly port: number; readonly tls: TcpTls };
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
  const rules = ["local all all scram-sha-256"];
  if (input.tcp !== undefined) {
    const certificate = join(directory.root, "server.crt");
    const key = join(directory.root, "server.key");
    await writePrivate(certificate, input.tcp.tls.certificatePem, owner);
    await writePrivate(key, input.tcp.tls.privateKeyPem, owner);
    Object.assign(chosen, {
      listen_addresses: "127.0.0.1",
      port: String(input.tcp.port),
      ssl: "on",
      ssl_cert_file: certificate,
      ssl_key_file: key,
      ssl_min_protocol_version: "TLSv1.3",
    });
    rules.push("hostssl all all 127.0.0.1/32 scram-sha-256"); // hostssl only: a connection without TLS matches no rule.
  }
  const lines = Object.entries(chosen).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`);
  await writePrivate(directory.configuration, `${lines.join("\n")}\n`, owner);
  await writePrivate(directory.hostRules, `${rules.join("\n")}\n`, owner);
}

async function writePrivate(path: string, text: string, owner: ProcessOwner): Promise<void> {
  await writeFile(path, text, { mode: SECRET_FILE });
  await giveTo(owner, path);
}
