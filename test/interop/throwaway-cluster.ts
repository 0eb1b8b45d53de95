// A PostgreSQL of Debian's packages in a temporary folder and on a free port, run by an unprivileged user and removed afterwards.
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const START_MS_MAX = 30_000;
const LOOK_EVERY_MS = 100;
const PASSWORD_BYTES = 18;
const USER = "interop";

export interface ThrowawayCluster {
  readonly databaseUrl: string;
  stop(): Promise<void>;
}

export async function startThrowawayCluster(programs: string): Promise<ThrowawayCluster> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-interop-"));
  const owner = await unprivilegedOwner();
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid);
  const password = randomBytes(PASSWORD_BYTES).toString("base64url");
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) await chown(passwordFile, owner.uid, owner.gid);
  const data = join(folder, "data");
  await promisify(execFile)(
    join(programs, "initdb"),
    ["-D", data, "-U", USER, "-E", "UTF8", "--locale=C", "-A", "scram-sha-256", `--pwfile=${passwordFile}`],
    { ...owner, cwd: folder },
  );
  const port = await freePort();
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"];
  const server = spawn(join(programs, "postgres"), ["-D", data, ...settings.flatMap((each) => ["-c", each])], {
    ...owner,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    // SIGINT is PostgreSQL's fast shutdown.
    server.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const isReady = (): boolean => log.includes("ready to accept connections");
  for (let waited = 0; !isReady(); waited += LOOK_EVERY_MS) {
    if (waited > START_MS_MAX || server.exitCode !== null) {
      await stop();
      throw new Error(`PostgreSQL in ${programs} did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return { databaseUrl: `postgres://${USER}:${password}@127.0.0.1:${port}/postgres`, stop };
}

/** PostgreSQL refuses to run as root: then Debian's own user for it, or nobody. */
export async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | { uid?: never; gid?: never }> {
  if (process.getuid?.() !== 0) return {};
  const users = await readFile("/etc/passwd", "utf8");
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(users) ?? ["", "65534", "65534"];
  return { uid: Number(uid), gid: Number(gid) };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
