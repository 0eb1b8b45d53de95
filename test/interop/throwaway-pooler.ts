// PgBouncer of Debian's packages in transaction mode, in a temporary folder and on a free port, run by an unprivileged user.
import { spawn } from "node:child_process";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, unprivilegedOwner } from "./throwaway-cluster.ts";

export const PGBOUNCER = "/usr/sbin/pgbouncer";
const START_MS_MAX = 10_000;
const LOOK_EVERY_MS = 50;

export interface ThrowawayPooler {
  /** As DATABASE_POOLER_URL takes it. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PoolerOptions {
  readonly server: { readonly host: string; readonly port: number };
  readonly passwords: Readonly<Record<string, string>>;
  /** Processes of the server for each user. */
  readonly poolSize: number;
}

export async function startThrowawayPooler({ server, passwords, poolSize }: PoolerOptions): Promise<ThrowawayPooler> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-pooler-"));
  const owner = await unprivilegedOwner();
  const port = await freePort();
  const users = Object.entries(passwords).map(([user, password]) => `"${user}" "${password}"`);
  const settings = [
    "[databases]",
    `* = host=${server.host} port=${server.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${join(folder, "users.txt")}`,
    "pool_mode = transaction",
    `default_pool_size = ${poolSize}`,
    "max_client_conn = 500",
  ];
  await writeFile(join(folder, "pgbouncer.ini"), `${settings.join("\n")}\n`, { mode: 0o600 });
  await writeFile(join(folder, "users.txt"), `${users.join("\n")}\n`, { mode: 0o600 });
  if (owner.uid !== undefined) {
    for (const path of [folder, join(folder, "pgbouncer.ini"), join(folder, "users.txt")]) {
      await chown(path, owner.uid, owner.gid);
    }
  }
  const program = spawn(PGBOUNCER, [join(folder, "pgbouncer.ini")], {
    ...owner,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  program.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => program.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    program.kill("SIGKILL"); // SIGTERM waits for its clients.
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let waited = 0; !(await answers(port)); waited += LOOK_EVERY_MS) {
    if (waited > START_MS_MAX || program.exitCode !== null) {
      await stop();
      throw new Error(`PgBouncer did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return { url: `postgres://127.0.0.1:${port}/`, stop };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
