import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "./source-tree.ts";

const RUN_MS_MAX = 90_000;
const entry = join(root, "packages/cli/src/main.ts");

let folder: string;
const running = new Set<ChildProcess>();

interface Started {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the output contains the text, rejects when the process ends before. */
  says(text: string): Promise<void>;
  readonly exit: Promise<number | null>;
}

function up(port: number, environment: Record<string, string> = {}): Started {
  const child = spawn(
    process.execPath,
    ["--conditions=holdfast-source", entry, "up", folder, "--port", String(port), "--no-prove"],
    {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  running.add(child);
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  }
  const exit = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  return {
    child,
    exit,
    output: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (output.includes(text)) resolve();
        };
        listeners.add(look);
        look();
        void exit.then(() =>
          output.includes(text) ? resolve() : reject(new Error(`ended without saying ${text}:\n${output}`)),
        );
      }),
  };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function freePort(): Promise<number> {
  const server = await listen(0);
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Damages every copy of the file that says which version the data has. */
function damageCluster(directory: string): number {
  const found = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith("global/pg_control"),
  );
  for (const path of found) writeFileSync(join(directory, path), "not a control file");
  return found.length;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-up-"));
  chmodSync(folder, 0o711);
  for (const file of ["security.ts", "deployment.ts"]) {
    writeFileSync(
      join(folder, file),
      `export { default } from ${JSON.stringify(join(root, "examples/content", file))};\n`,
    );
  }
});

afterEach(async () => {
  for (const child of running) child.kill("SIGKILL");
  running.clear();
  rmSync(folder, { recursive: true, force: true });
});

describe("holdfast up", () => {
  test(
    "starts, stops on a signal with exit code 0, keeps the data, and starts again after having been killed",
    async () => {
      const port = await freePort();
      const first = up(port);
      await first.says("Ctrl-C stops everything");
      expect(first.output()).toMatch(/Password {5}\S{20,}/);
      first.child.kill("SIGINT");
      expect(await first.exit).toBe(0);
      expect(existsSync(join(folder, ".holdfast/running.json"))).toBe(false);

      const second = up(port);
      await second.says("Ctrl-C stops everything");
      expect(second.output(), "the administrator is made once").not.toMatch(/Password {5}\S{20,}/);
      const renewed = spawnSync(
        process.execPath,
        ["--conditions=holdfast-source", entry, "administrator", folder, "--json"],
        { encoding: "utf8" },
      );
      expect(JSON.parse(renewed.stdout)).toMatchObject({
        email: "admin@holdfast.localhost",
        password: expect.stringMatching(/^\S{20,}$/),
      });
      const added = spawnSync(
        process.execPath,
        ["--conditions=holdfast-source", entry, "administrator", folder, "--add", "Bea@example.test", "--json"],
        { encoding: "utf8" },
      );
      expect(JSON.parse(added.stdout), added.stderr).toMatchObject({
        email: "bea@example.test",
        password: expect.stringMatching(/^\S{20,}$/),
      });
      const access = spawnSync(
        process.execPath,
        ["--conditions=holdfast-source", entry, "access", folder, "--who", "bea@example.test", "--json"],
        { encoding: "utf8" },
      );
      expect(JSON.parse(access.stdout), access.stderr).toMatchObject({
        who: { email: "bea@example.test", isPrivileged: true },
        classes: [{ roles: ["admin"] }],
      });
      second.child.kill("SIGKILL");
      await second.exit;

      const third = up(port);
      await third.says("Ctrl-C stops everything");
      const refused = up(await freePort());
      expect(await refused.exit).toBe(3);
      expect(refused.output()).toContain("cli/already-running");
      third.child.kill("SIGTERM");
      expect(await third.exit).toBe(0);
    },
    RUN_MS_MAX,
  );

  test(
    "a busy port is named, nothing keeps running, and the next start works",
    async () => {
      const port = await freePort();
      const holder = await listen(port);
      const refused = up(port);
      expect(await refused.exit).toBe(3);
      expect(refused.output()).toContain(String(port));
      expect(refused.output()).toContain("server/port-busy");
      await new Promise((resolve) => holder.close(resolve));
      const again = up(port);
      await again.says("Ctrl-C stops everything");
      again.child.kill("SIGINT");
      expect(await again.exit).toBe(0);
    },
    RUN_MS_MAX,
  );

  test(
    "a PostgreSQL that dies while it runs ends everything with a clear message, and nothing is lost",
    async () => {
      const port = await freePort();
      const started = up(port);
      await started.says("Ctrl-C stops everything");
      const pidFile = readdirSync(join(folder, ".holdfast/postgres"), { recursive: true, encoding: "utf8" }).find(
        (path) => path.endsWith("postmaster.pid"),
      );
      const pid = Number(readFileSync(join(folder, ".holdfast/postgres", pidFile ?? ""), "utf8").split("\n")[0]);
      process.kill(pid, "SIGKILL");
      expect(await started.exit).toBe(3);
      expect(started.output()).toContain("cli/postgresql-ended");
      const again = up(port);
      await again.says("Ctrl-C stops everything");
      again.child.kill("SIGINT");
      expect(await again.exit).toBe(0);
    },
    RUN_MS_MAX,
  );

  test(
    "a damaged data directory is refused with its place, and is left as it is",
    async () => {
      const port = await freePort();
      const first = up(port);
      await first.says("Ctrl-C stops everything");
      first.child.kill("SIGINT");
      await first.exit;
      expect(damageCluster(join(folder, ".holdfast/postgres"))).toBe(1);
      const refused = up(port);
      expect(await refused.exit).toBe(3);
      expect(refused.output()).toMatch(/\[cluster\/[a-z-]+\]/);
      expect(refused.output()).not.toContain("did not expect");
    },
    RUN_MS_MAX,
  );

  test(
    "a data directory that cannot be one, and a wrong DATABASE_URL, are told with what was expected",
    async () => {
      const port = await freePort();
      for (const [url, code] of [
        ["not a url", "cluster/url-invalid"],
        ["postgres://nobody:secret-word@127.0.0.1:1/none", "cluster/"],
      ] as const) {
        const refused = up(port, { DATABASE_URL: url });
        expect(await refused.exit).toBe(3);
        expect(refused.output()).toContain(code);
        expect(refused.output()).not.toContain("secret-word");
      }
      rmSync(join(folder, ".holdfast"), { recursive: true, force: true });
      writeFileSync(join(folder, ".holdfast"), "a file");
      const refused = up(port);
      expect(await refused.exit).toBe(3);
      expect(refused.output()).toContain("cli/data-unwritable");
    },
    RUN_MS_MAX,
  );
});
