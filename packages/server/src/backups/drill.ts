// The restore drill: what a disaster would ask for, done while there is none. A backup counts only after one.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  BackupError,
  type BackupTarget,
  type DrillCopy,
  type GuardedSettings,
  listBackups,
  openDrillCopy,
  recoverableRanges,
} from "@holdfast/postgres";
import type { KeyWrapper } from "@holdfast/vault";
import type { Statements } from "../store/database.ts";
import type { DrillReport, DrillStep, DrillStepName } from "./backup-status.ts";
import { verifyCopiedLogs } from "./copied-logs.ts";
import { verifyHeartbeats } from "./heartbeat.ts";

/** Looks at a restored copy with what only the assembly knows: the compiled policy, attacks, sealed columns. */
export type InspectCopy = (copy: DrillCopy) => Promise<readonly DrillStep[]>;

export interface DrillOptions {
  readonly target: BackupTarget;
  readonly keys: KeyWrapper;
  /** How the source is connected to. */
  readonly settings: (
    database: string,
    role?: { readonly user: string; readonly password: string | (() => Promise<string>) },
  ) => GuardedSettings;
  readonly database: string;
  readonly dataDirectory: string;
  readonly inspect: InspectCopy;
  readonly policyHash: string;
  readonly recoveryPointMs: number;
  readonly recoveryTimeMs: number;
  /** How often the heart beats, in milliseconds. */
  readonly heartbeatMs: number;
  /** What a disaster now would lose, in milliseconds; then brings the archive up to date. */
  readonly archiveLag: () => Promise<number>;
  readonly now: () => number;
  /** From 0 to 1: which moment of the window is restored. */
  readonly random: () => number;
  readonly signal?: AbortSignal;
}

const NAME_BYTES = 4;
/** The database's clock and ours may differ by so much before we wonder. */
const CLOCK_TOLERANCE_MS = 2_000;

/** Restores the backup to a random moment and looks at it. Whatever goes wrong is in the report; nothing is thrown. */
export async function runDrill(backup: string, options: DrillOptions): Promise<DrillReport> {
  const startedAt = options.now();
  const began = performance.now();
  const steps: DrillStep[] = [];
  const facts: { system: string; restoredTo: number | null; lag: number | null; timeMs: number | null } = {
    system: "",
    restoredTo: null,
    lag: null,
    timeMs: null,
  };
  const step = (name: DrillStepName, isHeld: boolean, seen: string): void => {
    steps.push({ name, result: isHeld ? "held" : "broken", seen });
  };
  let copy: DrillCopy | undefined;
  try {
    facts.lag = await options.archiveLag();
    step(
      "archive",
      facts.lag <= Math.max(options.recoveryPointMs, CLOCK_TOLERANCE_MS),
      `A disaster at the beginning would have lost ${seconds(facts.lag)}.`,
    );
    const to = await randomMoment(backup, options);
    facts.restoredTo = to;
    copy = await openDrillCopy({ ...copyOptions(options), backup, to });
    facts.system = copy.backup.system;
    step("files", true, `${copy.files} files, ${copy.bytes} bytes, each with the hash that PostgreSQL listed.`);
    const last = copy.lastCommitAt;
    step(
      "recovery",
      last === undefined || last <= to,
      `Restored to ${new Date(to).toISOString()} through ${copy.logPieces} pieces of log.`,
    );
    await inspectRows(copy, to, options, step);
    facts.timeMs = performance.now() - began;
    const pages = await copy.pageFaults([...new Set([options.database, copy.backup.database])]);
    step(
      "pages",
      pages.faults.length === 0,
      pages.faults[0] === undefined
        ? `amcheck found nothing in ${pages.relations} tables and indexes.`
        : `${pages.faults[0].relation}: ${pages.faults[0].found}`,
    );
    steps.push(...(await options.inspect(copy)));
    step("time", facts.timeMs <= options.recoveryTimeMs, `The restored data answered after ${seconds(facts.timeMs)}.`);
  } catch (cause) {
    // Whatever stopped it is what a disaster would have met.
    const name = copy === undefined ? (steps.length === 0 ? "archive" : "files") : "recovery";
    step(name, false, sentenceOf(cause));
  } finally {
    await copy?.close().catch(() => undefined); // What is left of it is removed at the next start.
  }
  return {
    format: 1,
    id: `${backup}.${randomBytes(NAME_BYTES).toString("hex")}`,
    backup,
    system: facts.system,
    policyHash: options.policyHash,
    startedAt,
    finishedAt: options.now(),
    restoredTo: facts.restoredTo,
    result: steps.every(({ result }) => result !== "broken") && copy !== undefined ? "passed" : "failed",
    steps,
    recoveryPointMs: facts.lag === null ? null : Math.round(facts.lag),
    recoveryTimeMs: facts.timeMs === null ? null : Math.round(facts.timeMs),
  };
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const sentenceOf = (cause: unknown): string =>
  cause instanceof BackupError
    ? `${cause.code}: expected ${cause.expected}; found ${cause.found}.`
    : (cause as Error).message;

function copyOptions({ target, keys, settings, dataDirectory, signal }: DrillOptions) {
  const scratch = join(dataDirectory, `${SCRATCH_PREFIX}${randomBytes(NAME_BYTES).toString("hex")}`);
  return { target, keys, settings, scratch, ...(signal === undefined ? {} : { signal }) };
}

/** Folders of drills begin so. */
export const SCRATCH_PREFIX = "drill-";

/** Any moment from the backup's end to the newest that is archived. */
async function randomMoment(backup: string, { target, keys, random }: DrillOptions): Promise<number> {
  const listed = (await listBackups(target, keys)).filter(({ id }) => id === backup);
  const problem = listed[0]?.problem;
  if (problem !== undefined) throw problem;
  const [range] = await recoverableRanges(target, keys, listed);
  if (range === undefined)
    throw new BackupError("backup/unknown", { expected: `backup ${backup}`, found: "none", hint: "Was it removed?" });
  return Math.round(range.from + (range.to - range.from) * random());
}

async function inspectRows(
  copy: DrillCopy,
  to: number,
  { database, heartbeatMs }: DrillOptions,
  step: (name: DrillStepName, isHeld: boolean, seen: string) => void,
): Promise<void> {
  const client = await copy.administrator(database);
  try {
    const statements: Statements = {
      async query<Row extends object>(text: string, values: readonly unknown[] = []) {
        const { rows } = await client.query<Row>(text, [...values]);
        return { rows };
      },
    };
    const hearts = await verifyHeartbeats(statements);
    const age = hearts.newest === undefined ? undefined : to - hearts.newest.at;
    // The heart beats while the deployment runs; the window can reach into a time when it did not.
    const isRecent = age !== undefined && age >= -CLOCK_TOLERANCE_MS;
    step(
      "heartbeat",
      isRecent && hearts.brokenAt === undefined,
      hearts.brokenAt === undefined
        ? `${hearts.beats} rows follow one another by their hashes; the newest is ${seconds(age ?? 0)} older than the moment (one each ${seconds(heartbeatMs)}).`
        : `Row ${hearts.brokenAt} does not follow the one before it.`,
    );
    const { logs, records, fault } = await verifyCopiedLogs(statements);
    step(
      "logs",
      fault === undefined,
      fault === undefined
        ? `${records} records of ${logs} logs hash to what stands with them.`
        : `What stands with ${fault} is not its hash.`,
    );
  } finally {
    await client.end();
  }
}
