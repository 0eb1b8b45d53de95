// Tells the keyring's events to whoever records them. A process that records nothing, such as a command, leaves them in a file
// for the one that does.
import { randomBytes } from "node:crypto";
import { appendFile, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { KeyEvent } from "./keyring/key-uses.ts";
import { PRIVATE_FILE } from "./private-file.ts";

const FILE = "key-events.jsonl";
const WAITING_MAX = 1_000;

export class KeyEvents {
  readonly #directory: string;
  #to: ((event: KeyEvent) => void) | undefined;
  /** The oldest is dropped when there are too many. */
  #waiting: KeyEvent[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  emit(event: KeyEvent): void {
    if (this.#to !== undefined) return this.#to(event);
    this.#waiting.push(event);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
  }

  /** From now on events go there, and those that waited. */
  sendTo(to: (event: KeyEvent) => void): void {
    this.#to = to;
    for (const event of this.#waiting.splice(0)) to(event);
  }

  /** Tells what other processes have left. Each event is told once, also when two processes ask. */
  async gather(): Promise<void> {
    const to = this.#to;
    if (to === undefined) return;
    const taken = join(this.#directory, `${FILE}.${randomBytes(6).toString("hex")}`);
    const isTaken = await rename(join(this.#directory, FILE), taken).then(
      () => true,
      () => false, // Nothing was left, or somebody else took it.
    );
    if (!isTaken) return;
    for (const line of (await readFile(taken, "utf8")).split("\n")) {
      const event = eventIn(line);
      if (event !== undefined) to(event);
    }
    await rm(taken, { force: true });
  }

  /** Leaves what nobody recorded for the process that does. */
  async leave(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const lines = this.#waiting.splice(0).map((event) => `${JSON.stringify(event)}\n`);
    await appendFile(join(this.#directory, FILE), lines.join(""), { mode: PRIVATE_FILE });
  }
}

function eventIn(line: string): KeyEvent | undefined {
  try {
    const event = JSON.parse(line) as KeyEvent;
    return typeof event.name === "string" && event.name.startsWith("key.") ? event : undefined;
  } catch {
    return undefined; // The last line is empty, or was cut short by a crash.
  }
}
