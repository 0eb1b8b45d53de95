import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { withAdministrator } from "../packages/cli/src/deployment/administrator-client.ts";
import { loadProject } from "../packages/cli/src/project.ts";
import { silentTerminal } from "../packages/cli/src/terminal.ts";
import { root } from "./source-tree.ts";

const RUN_MS_MAX = 240_000;
const entry = join(root, "packages/cli/src/main.ts");
let folder: string;
let running: ChildProcess | undefined;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-keys-"));
  chmodSync(folder, 0o711);
  for (const file of ["security.ts", "deployment.ts"]) {
    const source = JSON.stringify(join(root, "examples/content", file));
    writeFileSync(join(folder, file), `export { default } from ${source};\n`);
  }
});
afterAll(() => {
  running?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

/** Starts the deployment and waits until it says that it runs. */
async function up(): Promise<ChildProcess> {
  const words = ["--conditions=holdfast-source", entry, "up", folder, "--port", String(await freePort()), "--no-prove"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  running = child;
  await new Promise<void>((resolve, reject) => {
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Ctrl-C stops everything")) resolve();
    });
    child.on("close", () => reject(new Error(output)));
  });
  return child;
}

const keys = (...words: readonly string[]) => holdfast("keys", ...words);

function holdfast(...words: readonly string[]) {
  const given = ["--conditions=holdfast-source", entry, ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: "utf8" });
  return { status, stdout, stderr };
}
const listed = () => JSON.parse(keys("list", folder, "--json").stdout);
const current = (): string => listed().signing_keys.find(({ state }: { state: string }) => state === "current").kid;

const owner = "11111111-1111-4111-8111-111111111111";

/** A column of the running deployment that somebody made plain is sealed again; its keys are rotated, and shredded. */
async function sealsWhileItRuns(): Promise<void> {
  await asAdministrator(async (client) => {
    await client.query("alter table public.notes alter column body type text using ''");
    const content = "insert into public.content (owner_id, title) values ($1, 'A title') returning id";
    await client.query(
      `with parent as (${content}) insert into public.notes (id, content_id, owner_id, body)
         select gen_random_uuid(), parent.id, $1, 'canary ' || n from parent, generate_series(1, 300) n`,
      [owner],
    );
  });
  const sealed = holdfast("seal", "notes.body", folder, "--rewrite", "--json");
  expect(JSON.parse(sealed.stdout)).toEqual({ column: "notes.body", changed: true, sealed: 300, rewritten: true });
  const rotated = JSON.parse(keys("rotate", "public.notes.body", folder, "--json").stdout);
  expect(rotated).toMatchObject({ resealed: 300, refused: 0, left: 0 });
  // The owner's, and that of the deployment's own canary once a backup was made.
  expect([1, 2]).toContain(rotated.keys);
  expect(keys("status", folder)).toMatchObject({ status: 0, stdout: expect.stringContaining("300 values") });
  expect(JSON.parse(keys("shred", owner, folder, "--yes", "--json").stdout)).toEqual({ subject: owner, keys: 2 });
  expect(keys("shred", "00000000-0000-4000-8000-00000000dead", folder, "--yes"), "a name that owns none").toMatchObject(
    {
      status: 2,
      stdout: expect.stringContaining("nothing was destroyed"),
    },
  );
}

async function asAdministrator(work: (client: pg.Client) => Promise<void>): Promise<void> {
  const project = await loadProject(folder);
  await withAdministrator(project, silentTerminal, (client) => work(client));
}

test(
  "keys are listed, rotated and revoked while a deployment runs, and when it is stopped",
  async () => {
    expect(keys("list", folder)).toMatchObject({ status: 3, stderr: expect.stringContaining("cli/not-running") });
    const child = await up();
    const first = current();
    expect(listed().service_keys).toMatchObject([{ label: "deployment", kid: first }]);
    expect(keys("rotate", folder).status).toBe(0);
    const second = current();
    expect(second).not.toBe(first);

    // Nothing is revoked without a yes, and what it reaches is said first.
    const asked = keys("revoke", first.slice(0, 8), folder);
    expect(asked).toMatchObject({ status: 3, stderr: expect.stringContaining("cli/consent-missing") });
    expect(asked.stdout).toMatch(/Revokes the signing key .*\n.*sessions?: the access token is refused at once/);
    expect(asked.stdout).toContain("1 service key: refused at once, and for good.");
    expect(keys("revoke", first.slice(0, 8), folder, "--yes", "--json").status).toBe(0);
    // The current one too: another key signs, and the deployment goes on with a service key of that one.
    expect(JSON.parse(keys("revoke", second, folder, "--yes", "--json").stdout)).toMatchObject({ kid: second });
    const third = current();
    expect([first, second]).not.toContain(third);
    expect(listed().service_keys).toMatchObject([{ label: "deployment", kid: third }]);
    expect(keys("revoke", "no-such-key", folder, "--yes").stderr).toContain("cli/key-unclear");

    await sealsWhileItRuns();

    child.removeAllListeners("close");
    const ended = new Promise((resolve) => child.on("close", resolve));
    child.kill("SIGINT");
    await ended;
    // A stopped deployment is started for as long as it takes.
    const rotated = keys("rotate", folder);
    expect(rotated.status, rotated.stderr).toBe(0);
    const { signing_keys: signing, data_keys: data } = listed();
    expect(data.map((key: { data_class: string }) => key.data_class)).toContain("vault");
    const states = signing.map(({ kid, state }: { kid: string; state: string }) => [kid, state]);
    expect(states).toContainEqual([first, "revoked"]);
    expect(states).toContainEqual([third, "retired"]);
  },
  RUN_MS_MAX,
);
