// AWS as moto (PyPI) imitates it: in a virtual environment and a process of its own, on a free port, removed afterwards.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const MOTO = "moto[kms,s3,secretsmanager,server]==5.1.22";
const START_MS_MAX = 60_000;
const LOOK_EVERY_MS = 200;

export interface Moto {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** @throws when there is no Python, no PyPI, or the server does not come up */
export async function startMoto(): Promise<Moto> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-moto-"));
  const run = promisify(execFile);
  try {
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", MOTO]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await freePort();
  const server = spawn(join(folder, "bin/moto_server"), ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    if (server.exitCode === null) {
      server.kill("SIGTERM");
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  for (const begun = Date.now(); Date.now() - begun < START_MS_MAX; ) {
    const isUp = await fetch(`${endpoint}/moto-api/`).then(
      ({ ok }) => ok,
      () => false, // Not yet.
    );
    if (isUp) return { endpoint, stop };
    await new Promise((resolve) => void setTimeout(resolve, LOOK_EVERY_MS));
  }
  await stop();
  throw new Error(`moto did not answer within ${START_MS_MAX} ms`);
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
