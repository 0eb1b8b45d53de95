// What a running deployment leaves in its data directory so that other commands of the same user find it. Holds no secret:
// the service key and the passwords stay in the vault.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";
import { typed } from "../command-name.ts";

const FILE = "running.json";

export interface RunningRecord {
  readonly pid: number;
  readonly origin: string;
  /** Who signs the tokens that it believes: itself, or a hosted project. */
  readonly issuer: string;
  readonly port: number;
  readonly startedAt: number;
  /** Where the embedded cluster listens. */
  readonly database: {
    /** A given one can only be reached by who knows DATABASE_URL: its password is not kept here. */
    readonly kind: "embedded" | "given";
    readonly name: string;
    readonly version: string;
    readonly host: string;
    readonly port: number;
    readonly socketFolder?: string;
  };
  readonly upstreams: readonly { readonly service: string; readonly port: number }[];
}

export function writeRunning(dataDirectory: string, record: RunningRecord): void {
  writeFileSync(join(dataDirectory, FILE), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
}

export function removeRunning(dataDirectory: string): void {
  rmSync(join(dataDirectory, FILE), { force: true });
}

/** The deployment that runs here, or undefined: no record, an unreadable one, or one of a process that is gone. */
export function findRunning(dataDirectory: string): RunningRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(dataDirectory, FILE), "utf8")) as RunningRecord;
    return isAlive(record.pid) ? record : undefined;
  } catch {
    // No record, or half of one: whoever asks is told that nothing runs.
    return undefined;
  }
}

export function requireRunning(dataDirectory: string): RunningRecord {
  const record = findRunning(dataDirectory);
  if (record === undefined) {
    throw new CliError(
      "cli/not-running",
      `a running deployment was expected for ${dataDirectory}; none runs`,
      `start it first: ${typed("up")}`,
    );
  }
  return record;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, but belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
