// "Attack again": runs the checks of a control in the background, one run at a time, and follows their evidence as it arrives.
import { randomUUID } from "node:crypto";
import type { EvidenceLog } from "../evidence/evidence-log.ts";
import { ApiProblem } from "./api-problem.ts";
import type { ProofRun } from "./shapes.ts";

/** A run that takes longer is given up as failed. */
const PROOF_MS_MAX = 10 * 60_000;
const PROBLEM_LENGTH_MAX = 300;

export interface ProofRunner {
  /** Starts a run. @throws ApiProblem `platform/proof-running`, `platform/proof-unavailable`, `platform/nothing-to-prove` */
  start(control: string, checks: readonly string[], by: string): ProofRun;
  /** The newest run of a control since the start. */
  latest(control: string): ProofRun | null;
  readonly running: ProofRun | null;
  /** Forgets a run that is under way; nothing more is told about it. */
  stop(): void;
}

export interface ProofRunnerOptions {
  /** Attacks this deployment and reports evidence to it. */
  readonly attackAgain?: (checks: readonly string[]) => Promise<void>;
  readonly evidence: Pick<EvidenceLog, "subscribe">;
  readonly now: () => number;
  readonly onProgress: (run: ProofRun) => void;
}

export function createProofRunner(options: ProofRunnerOptions): ProofRunner {
  const { attackAgain, now, onProgress } = options;
  const latest = new Map<string, ProofRun>();
  let running: ProofRun | null = null;

  const update = (run: ProofRun): void => {
    running = run.state === "running" ? run : null;
    latest.set(run.control, run);
    onProgress(run);
  };
  const unsubscribe = options.evidence.subscribe((rows) => {
    if (running === null) return;
    const { checks, finished } = running;
    const more = rows.map((row) => row.check).filter((check) => checks.includes(check) && !finished.includes(check));
    if (more.length > 0) update({ ...running, finished: [...new Set([...finished, ...more])] });
  });
  const finish = (id: string, problem: string | null): void => {
    if (running === null || running.id !== id) return;
    const state = problem === null ? "finished" : "failed";
    update({ ...running, state, finishedAt: now(), problem });
  };

  return {
    start(control, checks, by) {
      if (attackAgain === undefined) throw new ApiProblem("platform/proof-unavailable");
      if (checks.length === 0) throw new ApiProblem("platform/nothing-to-prove");
      if (running !== null)
        throw new ApiProblem("platform/proof-running", `Control ${running.control} is being attacked.`);
      const run = beginRun(control, checks, by, now());
      const { id } = run;
      update(run);
      const timer = setTimeout(() => finish(id, "The run took longer than 10 minutes."), PROOF_MS_MAX);
      timer.unref();
      void Promise.resolve()
        .then(() => attackAgain(checks))
        .then(
          () => finish(id, null),
          (cause: unknown) => finish(id, describe(cause)),
        )
        .finally(() => clearTimeout(timer));
      return run;
    },
    latest: (control) => latest.get(control) ?? null,
    get running() {
      return running;
    },
    stop() {
      unsubscribe();
      running = null;
    },
  };
}

function beginRun(control: string, checks: readonly string[], startedBy: string, startedAt: number): ProofRun {
  const outcome = { finished: [], state: "running", finishedAt: null, problem: null } as const;
  return { id: randomUUID(), control, checks, startedBy, startedAt, ...outcome };
}

function describe(cause: unknown): string {
  return (cause instanceof Error ? cause.message : "The run failed.").slice(0, PROBLEM_LENGTH_MAX);
}
