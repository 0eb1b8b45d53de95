// What a deployment writes beside its answers, gathered for a check with a canary that it has read as a secret like any other: events,
// its terminal, the last words of a process, built pages, and the project's own files.
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Output, TargetOutputs } from "@holdfast/probes";
import type { Platform } from "@holdfast/server";
import { hideSecret } from "@holdfast/vault";
import { describeError } from "../describe-error.ts";
import type { Project } from "../project.ts";
import { openTerminal } from "../terminal.ts";

export interface OutputParts {
  readonly project: Project;
  /** Absent where the deployment runs in another process. */
  readonly platform?: Pick<Platform, "emit" | "events">;
}

const NOT_SOURCES = new Set(["node_modules", ".holdfast", ".git", "dist"]);
const FILES_MAX = 5_000;
const BYTES_MAX = 64 * 1024 * 1024;
const CRASH_MS_MAX = 20_000;

export function targetOutputs({ project, platform }: OutputParts): TargetOutputs {
  return {
    async gather(canary, isGuarded) {
      const crash = await crashOutput(canary, isGuarded);
      // Not known as a secret, it is a word like any other: that is the hole.
      if (isGuarded) hideSecret(canary, "canary");
      return [
        { place: "the last words of a process", text: crash, isProvoked: true },
        { place: "a command's terminal", text: terminalOutput(canary), isProvoked: true },
        ...(platform === undefined ? [] : [await eventOutput(platform, canary)]),
        ...(await pagesOf(project)),
        { place: "the project's files", text: await textOf(project.folder, NOT_SOURCES), isProvoked: false },
      ];
    },
  };
}

const sentence = (canary: string): string => `connecting with ${canary} failed`;

/** A process of its own that reads the canary as a secret and dies of an error that names it. */
function crashOutput(canary: string, isGuarded: boolean): Promise<string> {
  const program = fileURLToPath(new URL(`./crash-rehearsal${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], CANARY: canary, ...(isGuarded ? {} : { UNGUARDED: "1" }) },
    timeout: CRASH_MS_MAX,
  });
  return new Promise((resolve, reject) => {
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

function terminalOutput(canary: string): string {
  let text = "";
  const terminal = openTerminal({ write: (part) => (text += part) });
  for (const line of describeError(new Error(sentence(canary))).lines) terminal.warn(line);
  return text;
}

async function eventOutput({ emit, events }: Pick<Platform, "emit" | "events">, canary: string): Promise<Output> {
  const requestId = randomUUID();
  const detail = { url: `https://a.invalid/?key=${canary}`, encoded: Buffer.from(canary).toString("base64") };
  emit({ name: "message.failed", at: Date.now(), service: "identity", requestId, reason: sentence(canary), detail });
  await events.flush();
  const found = await events.query({ name: "message.failed", limit: 20 });
  return { place: "the log of events", text: JSON.stringify(found.events), isProvoked: true };
}

async function pagesOf({ deployment }: Project): Promise<readonly Output[]> {
  const sites = await Promise.all(
    Object.entries(deployment.sites).map(async ([name, { directory }]) => ({
      place: `the built pages of ${name}`,
      text: await textOf(directory, new Set()),
      isProvoked: false,
    })),
  );
  return sites.filter(({ text }) => text !== "");
}

/** Every file below the folder, one after the other; a folder that is not there is empty. */
async function textOf(folder: string, except: ReadonlySet<string>): Promise<string> {
  const parts: string[] = [];
  let bytes = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    for (const entry of await readdir(next, { withFileTypes: true }).catch(() => [])) {
      if (except.has(entry.name)) continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile()) continue;
      const text = await readFile(path, "latin1");
      bytes += text.length;
      if (parts.push(text) > FILES_MAX || bytes > BYTES_MAX)
        throw new Error(`${folder} holds more than can be searched`);
    }
  }
  return parts.join("\n");
}
