// `holdfast backup` against a deployment that runs, then `holdfast restore` without one: from the same target, with the same vault.
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BackupStatus } from "@holdfast/server/api";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Command, CommandInput } from "../command.ts";
import { type Opened, openUp } from "../deployment/open-up.ts";
import { withPort } from "../deployment/port.ts";
import { loadProject } from "../project.ts";
import { openTerminal, silentTerminal } from "../terminal.ts";
import { backupCommand } from "./backup.ts";
import { restoreCommand } from "./restore.ts";

const example = join(import.meta.dirname, "../../../../examples/content");
const OPEN_MS_MAX = 120_000;
const copyFile = (file: string, into: string): Promise<void> =>
  writeFile(join(into, file), `export { default } from ${JSON.stringify(join(example, file))};\n`);
let folder: string;
let opened: Opened | undefined;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-backup-command-"));
  await chmod(folder, 0o711);
  for (const file of ["security.ts", "deployment.ts"]) await copyFile(file, folder);
  opened = await openUp(withPort(await loadProject(folder), String(await freePort())), silentTerminal, undefined);
}, OPEN_MS_MAX);
afterAll(async () => {
  await opened?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  readonly exit: number;
  readonly text: string;
  readonly json: BackupStatus & { readonly to?: number | null; readonly files?: number };
}

async function run(command: Command, words: readonly string[], options: CommandInput["options"] = {}): Promise<Told> {
  let text = "";
  let json: unknown;
  const exit = await command.run({
    words: [...words, folder],
    options,
    terminal: openTerminal({ write: (part) => (text += part) }),
    json: (document) => (json = document),
  });
  return { exit, text, json: json as Told["json"] };
}

const backup = (...words: readonly string[]): Promise<Told> => run(backupCommand, words);
const restore = (options: CommandInput["options"]): Promise<Told> => run(restoreCommand, [], options);
const refused = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "done",
    ({ code, message }: { code: string; message: string }) => `${code} ${message}`,
  );

test("now makes one and restores it on trial, --incremental of what has changed since the one before; list says so", async () => {
  // The deployment makes a full one when it starts.
  const first = await refused(run(backupCommand, ["now"], { incremental: true }));
  if (first !== "done") expect(first).toMatch(/^cli\/target-refused .*\(backup\/none\)/);
  await expect
    .poll(async () => (await backup("list")).json.backups[0]?.state, { timeout: 60_000, interval: 500 })
    .toBe("proven");
  const { exit, text, json } = await run(backupCommand, ["now"], { incremental: true });
  expect(exit, text).toBe(0);
  for (const step of ["policy", "attack", "sealed", "time"]) expect(text).toMatch(new RegExp(`held +${step} `));
  expect(text).toContain("It was restored on trial, and counts.");
  const [newest, before] = json.backups;
  expect(before).toMatchObject({ state: "proven", parent: null });
  expect(newest).toMatchObject({ state: "proven", parent: before?.id });
  expect(newest?.plainBytes ?? 0).toBeLessThan(before?.plainBytes ?? 0);
  const listed = await backup("list");
  expect(listed.text).toMatch(new RegExp(`proven +${newest?.id} .* changed since ${before?.id}, stored as`));
  expect(listed.text).toMatch(/Every moment from .* to .* can be restored\./);
  expect(await refused(backup("make"))).toMatch(/^cli\/unknown-option there is no "make"/);
  expect(await refused(run(backupCommand, ["list"], { incremental: true }))).toMatch(
    /--incremental was expected with now/,
  );
}, 60_000);

test("a backup with one changed bit fails its drill, and the command says so by its exit code", async () => {
  const { json } = await backup("list");
  const piece = join(folder, ".holdfast/backups/base", json.backups[0]?.id ?? "", "piece-00000");
  const sound = await readFile(piece);
  const damaged = Buffer.from(sound);
  damaged[sound.length >> 1] = (damaged[sound.length >> 1] as number) ^ 1;
  await writeFile(piece, damaged);
  const verified = await backup("verify");
  await writeFile(piece, sound);
  expect(verified.exit).toBe(1);
  expect(verified.text).toContain("Its restore drill failed: it does not count.");
  expect(verified.text).toMatch(/broken {4}files .*backup\/piece-damaged/);
}, 60_000);

test("restore brings a moment back without the deployment, and names whatever it cannot do", async () => {
  const { backups, recoverable } = (await backup("list")).json;
  await opened?.stop();
  opened = undefined;
  const [first, last] = [recoverable.at(-1)?.from ?? 0, backups[0]?.endedAt ?? 0];
  const at = (moment: number): string => new Date(moment).toISOString();
  const into = join(folder, "restored");
  expect(await refused(restore({}))).toMatch(/^cli\/unknown-option --into was expected/);
  expect(await refused(restore({ into, to: "yesterday" }))).toMatch(/--to was expected to be a moment.*"yesterday"/);
  expect(await refused(restore({ into, to: at(Date.now() + 3_600_000) }))).toMatch(
    /^backup\/time-unreachable .*ends at/,
  );
  expect(await refused(restore({ into, to: at(first - 60_000) }))).toMatch(/^backup\/time-unreachable .*had ended by/);
  expect(await refused(restore({ into, backup: "20200101T000000Z-000000" }))).toMatch(/^backup\/unknown/);
  expect(await refused(restore({ into, from: join(folder, "security.ts") }))).toMatch(/^backup\/target-unusable/);
  expect(await readdir(folder)).not.toContain("restored");
  await mkdir(join(folder, "mine"));
  await writeFile(join(folder, "mine/letter"), "dear");
  expect(await refused(restore({ into: join(folder, "mine") }))).toMatch(/^restore\/place-taken/);
  const restored = await restore({ into, to: at(last) });
  expect(restored.exit, restored.text).toBe(0);
  expect(restored.text).toMatch(/Restoring files: \d+ %[^]*PostgreSQL replays the log[^]*✓ Restored backup/);
  expect(restored.json).toMatchObject({ to: Date.parse(at(last)), backup: backups[0]?.id });
  expect(await readdir(into)).toContain("data");

  // The vault of another deployment: its keyring opens none of these.
  const elsewhere = join(folder, "elsewhere");
  await mkdir(elsewhere);
  for (const file of ["security.ts", "deployment.ts"]) await copyFile(file, elsewhere);
  const foreign = restoreCommand.run({
    words: [elsewhere],
    options: { into: join(folder, "foreign"), from: join(folder, ".holdfast/backups") },
    terminal: silentTerminal,
    json: () => undefined,
  });
  expect(await refused(foreign)).toMatch(/^backup\/key-wrong/);
  await rename(join(folder, ".holdfast/backups/log"), join(folder, "log"));
  expect(await refused(restore({ into: join(folder, "gap"), to: at(last + 5_000) }))).toMatch(
    /^backup\/time-unreachable/,
  );
  expect(await readdir(folder)).not.toContain("gap");
}, 60_000);
