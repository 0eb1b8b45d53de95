// Backups of the running platform: the jobs, and what is told about them. What lies in the target is looked at anew after each job
// and otherwise now and then, for a target may be far away.
import {
  type BackupTarget,
  type ListedBackup,
  listBackups,
  type RecoverableRange,
  recoverableRanges,
} from "@holdfast/postgres";
import { BackupJobs } from "./backup-jobs.ts";
import type { BackupParts } from "./backup-parts.ts";
import type { BackupRun, BackupState, BackupStatus, BackupSummary, DrillPage } from "./backup-status.ts";
import { readDrills, type StoredDrill } from "./stored-drills.ts";

/** What the rest of the platform works with. */
export interface Backups {
  status(): Promise<BackupStatus>;
  drills(): Promise<DrillPage>;
  /** Begins a job; undefined when one is under way or there are no backups. */
  request(kind: BackupRun["kind"]): BackupRun | undefined;
  /** For metrics: what was known when somebody last looked. */
  known(): BackupStatus | undefined;
  stop(): Promise<void>;
}

const TICK_MS = 1_000;
const LOOK_AGAIN_MS = 30_000;
const DRILLS_MAX = 100;

interface Look {
  readonly at: number;
  readonly listed: readonly ListedBackup[];
  readonly ranges: readonly RecoverableRange[];
  readonly drills: ReadonlyMap<string, StoredDrill>;
}

export interface RunningBackupsOptions extends Omit<BackupParts, "onJobEnd"> {
  /** Makes backups when they are due; otherwise only when somebody asks. */
  readonly isAutomatic: boolean;
  readonly onFailure: (cause: unknown) => void;
}

/** Starts the jobs. */
export function startBackups(options: RunningBackupsOptions): Backups {
  let look: Look | undefined;
  let last: BackupStatus | undefined;
  /** Jobs that have ended: a look that began before one ended is not kept. */
  let ended = 0;
  const jobs = new BackupJobs({
    ...options,
    onJobEnd: () => {
      ended += 1;
      look = undefined;
    },
  });
  const lookAt = async (): Promise<Look> => {
    const { target, keys, signer } = options;
    if (look !== undefined && Math.abs(performance.now() - look.at) < LOOK_AGAIN_MS) return look;
    const before = ended;
    const listed = await listBackups(target, keys);
    const ranges = await recoverableRanges(target, keys, listed);
    const drills = await readDrills(target, signer, look?.drills ?? new Map());
    const found = { at: performance.now(), listed, ranges, drills };
    if (before === ended) look = found;
    return found;
  };
  const status = async (): Promise<BackupStatus> => {
    last = statusOf(options, jobs, await lookAt());
    return last;
  };
  let ticking: Promise<void> | undefined;
  const tick = (): void => {
    ticking ??= jobs
      .tick()
      .then(status)
      .then(() => undefined, options.onFailure)
      .finally(() => {
        ticking = undefined;
      });
  };
  const timer = options.isAutomatic ? setInterval(tick, TICK_MS).unref() : undefined;
  return {
    status,
    async drills() {
      const { drills } = await lookAt();
      const newest = [...drills.values()].toReversed().slice(0, DRILLS_MAX);
      return {
        drills: newest.map(({ report, signed }) => ({ ...signed, statement: report })),
        publicKey: options.signer.publicKeyPem,
      };
    },
    request: (kind) => jobs.request(kind),
    known: () => last,
    async stop() {
      clearInterval(timer);
      await jobs.stop();
      await ticking;
    },
  };
}

function statusOf(options: RunningBackupsOptions, jobs: BackupJobs, { listed, ranges, drills }: Look): BackupStatus {
  const { continuity, now, target } = options;
  const summaries = listed.map((backup) => summaryOf(backup, newestDrillOf(drills, backup.id))).toReversed();
  const archive = jobs.archive?.state();
  const ended = summaries.length + jobs.failures;
  return {
    ...statusWithout(continuity, now()),
    on: true,
    target: (target as BackupTarget).description,
    everySeconds: continuity.backups.everySeconds,
    keepSeconds: continuity.backups.keepSeconds,
    fullEverySeconds: continuity.backups.fullEverySeconds,
    running: jobs.running,
    dueAt: jobs.dueAt(listed.findLast(({ record }) => record !== undefined)?.record, now()),
    lateSince: jobs.lateSince,
    archive: {
      running: archive?.isRunning ?? false,
      reachesTo: archive?.reachesTo ?? null,
      problem: archive?.lastProblem?.message ?? null,
    },
    backups: summaries,
    recoverable: ranges.map(({ from, to }) => ({ from, to })).toReversed(),
    jobs: { ended, proven: summaries.filter(({ state }) => state === "proven").length },
    newestDrill: [...drills.values()].at(-1)?.report ?? null,
    lastFailure: jobs.lastFailure,
  };
}

/** What is told where there are no backups. */
export const statusWithout = (
  continuity: { readonly recoveryPointSeconds: number; readonly recoveryTimeSeconds: number },
  now: number,
): BackupStatus => ({
  on: false,
  refusal: null,
  now,
  target: null,
  everySeconds: null,
  keepSeconds: null,
  fullEverySeconds: null,
  recoveryPointSeconds: continuity.recoveryPointSeconds,
  recoveryTimeSeconds: continuity.recoveryTimeSeconds,
  running: null,
  dueAt: null,
  lateSince: null,
  archive: { running: false, reachesTo: null, problem: null },
  backups: [],
  recoverable: [],
  jobs: { ended: 0, proven: 0 },
  newestDrill: null,
  lastFailure: null,
});

const newestDrillOf = (drills: ReadonlyMap<string, StoredDrill>, id: string): StoredDrill | undefined =>
  [...drills.values()].findLast(({ report }) => report.backup === id);

function summaryOf({ id, record, problem }: ListedBackup, drill: StoredDrill | undefined): BackupSummary {
  const broken = drill?.report.steps.find(({ result }) => result === "broken");
  const state: BackupState =
    record === undefined
      ? "damaged"
      : drill === undefined
        ? "unproven"
        : drill.report.result === "passed"
          ? "proven"
          : "failed";
  return {
    id,
    state,
    startedAt: record?.startedAt ?? null,
    endedAt: record?.endedAt ?? null,
    plainBytes: record?.plainBytes ?? null,
    storedBytes: record?.storedBytes ?? null,
    serverVersion: record?.serverVersion ?? null,
    parent: record?.parent ?? null,
    drill: drill?.report.id ?? null,
    problem: problem?.message ?? broken?.seen ?? null,
  };
}

/** Where there are none: the policy asks for none, or the server refuses. */
export const withoutBackups = (
  continuity: Parameters<typeof statusWithout>[0],
  now: () => number,
  refusal: string | null = null,
): Backups => ({
  status: async () => ({ ...statusWithout(continuity, now()), refusal }),
  drills: async () => ({ drills: [], publicKey: "" }),
  request: () => undefined,
  known: () => undefined,
  async stop() {},
});
