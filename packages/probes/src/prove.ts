// A run: every check against one target, concurrent where that is safe, each ending in exactly one observation.
import type { Observation } from "@holdfast/policy";
import { createAccounts } from "./accounts.ts";
import type { Check } from "./check.ts";
import type { CheckRun } from "./check-run.ts";
import { openEdgeClient } from "./edge-client.ts";
import { createEventWatch } from "./event-watch.ts";
import { removeLeftovers } from "./leftovers.ts";
import { createPeople } from "./people.ts";
import { ProbeError } from "./probe-error.ts";
import { createRedaction } from "./redaction.ts";
import { type OpenSession, openSession, type SessionParts } from "./session.ts";
import { assertAllowedTarget, type Target } from "./target.ts";
import { checkVersion } from "./version.ts";

/** Checks that run at the same time when the caller names no number. */
export const CONCURRENCY = 4;
/** A check that takes longer is reported as unproven. */
const CHECK_TIMEOUT_MS = 60_000;
const SENTENCE_MAX = 600;

export type ProveProgress =
  | { readonly kind: "started"; readonly check: string }
  | { readonly kind: "finished"; readonly observation: Observation; readonly done: number; readonly of: number }
  /** Accounts of the run could not be removed; the sentence names them. */
  | { readonly kind: "left-behind"; readonly sentence: string };

export interface ProveOptions {
  readonly target: Target;
  readonly checks: readonly Check[];
  readonly onProgress?: (progress: ProveProgress) => void;
  /** 1 to 16; `CONCURRENCY` when absent. */
  readonly concurrency?: number;
  /** Ends each check with the first attack that succeeds: on a twin, that is all there is to see. */
  readonly stopsAtBreach?: boolean;
  /**
   * Runs a check that came to no end once more, when no other runs: on a busy machine some take too long. Never one that saw its attack
   * succeed, nor one that has nothing to attack.
   */
  readonly triesAgain?: boolean;
}

/** Where more checks came to no end than this, it is not the machine: none is run once more. */
const TRIED_AGAIN_MAX = 8;

/**
 * Runs the checks and returns one observation for each, in the order given.
 * A check that throws, times out or looks at nothing is `unproven`.
 * @throws ProbeError `probes/host-not-allowed` or `probes/origin-invalid`, before anything is sent.
 */
export async function prove(options: ProveOptions): Promise<Observation[]> {
  assertAllowedTarget(options.target);
  const run = await openRun(options.target, options.stopsAtBreach ?? false);
  const observations = new Map<Check, Observation>();
  const endless = new Set<Check>();
  const one = async (check: Check): Promise<void> => {
    options.onProgress?.({ kind: "started", check: check.id });
    const { observation, isEndless } = await observe(check, run.parts);
    observations.set(check, observation);
    if (isEndless) endless.add(check);
    options.onProgress?.({ kind: "finished", observation, done: observations.size, of: options.checks.length });
  };
  try {
    await inParallel(
      options.checks.filter((check) => check.company === "together"),
      options.concurrency ?? CONCURRENCY,
      one,
    );
    for (const check of options.checks.filter((check) => check.company === "alone")) await one(check);
    if (options.triesAgain && endless.size <= TRIED_AGAIN_MAX) for (const check of endless) await one(check);
  } finally {
    await run.end((sentence) => options.onProgress?.({ kind: "left-behind", sentence }));
  }
  return options.checks.flatMap((check) => observations.get(check) ?? []);
}

interface Run {
  readonly parts: SessionParts;
  end(leftBehind: (sentence: string) => void): Promise<void>;
}

async function openRun(target: Target, stopsAtBreach: boolean): Promise<Run> {
  const redaction = createRedaction();
  const client = openEdgeClient(target);
  const accounts = createAccounts(target, client, redaction);
  const people = createPeople(target, accounts);
  const events = createEventWatch(client, target.serviceKey);
  // Before anything is attacked, or an attack's events would lie further back than a look reaches. A target that does not
  // answer is reported by every check anyway.
  await events.begin().catch(() => {});
  // Beside the run, for the same reason without a word when it fails.
  const tidied = removeLeftovers(target, client).catch(() => {});
  return {
    parts: { target, client, accounts, people, events, redaction, stopsAtBreach },
    async end(leftBehind) {
      await tidied;
      // The observations are worth more than a clean exit: what is left is told, not thrown.
      await accounts.removeAll().catch((error: unknown) => leftBehind(reasonOf(error)));
      await client.close();
    },
  };
}

interface Observed {
  readonly observation: Observation;
  /** The check came to no end, and might another time. */
  readonly isEndless: boolean;
}

async function observe(check: Check, parts: SessionParts): Promise<Observed> {
  const startedAt = Date.now();
  const opened = openSession(parts);
  const run = await cleaned(await attempted(check, opened), opened);
  const observation: Observation = {
    check: check.id,
    version: checkVersion(check.id),
    result: run.looked === 0 ? "unproven" : run.result,
    looked: run.looked,
    seen: parts.redaction.apply(run.seen).slice(0, SENTENCE_MAX),
    startedAt,
    finishedAt: Date.now(),
    policyHash: parts.target.policyHash,
    target: parts.target.origin,
    transcript: opened.transcript(),
  };
  return { observation, isEndless: run.isEndless ?? false };
}

interface Attempted extends CheckRun {
  readonly isEndless?: boolean;
}

async function attempted(check: Check, opened: OpenSession): Promise<Attempted> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Attempted>((resolve) => {
    const late = (): Attempted => ({ ...unproven(opened, "The check did not finish in time."), isEndless: true });
    timer = setTimeout(() => resolve(late()), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check.run(opened.session), timeout]);
  } catch (error) {
    // A breach that was already seen stands. Otherwise a check that could not do its work has proven nothing.
    const sofar = opened.verdict();
    if (sofar.result === "broken") return sofar;
    const hasNothing = error instanceof ProbeError && error.code === "probes/nothing-to-attack";
    return { ...unproven(opened, reasonOf(error)), isEndless: !hasNothing };
  } finally {
    clearTimeout(timer);
  }
}

/** A check that could not clean up behind itself is not trusted, unless it is broken anyway. */
async function cleaned(run: Attempted, opened: OpenSession): Promise<Attempted> {
  try {
    await opened.cleanUp();
    return run;
  } catch (error) {
    // Said in the sentence; a breach stays the more important news.
    return run.result === "broken" ? run : unproven(opened, reasonOf(error));
  }
}

function unproven(opened: OpenSession, seen: string): CheckRun {
  return { result: "unproven", looked: opened.looked(), seen };
}

function reasonOf(error: unknown): string {
  if (error instanceof ProbeError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? `The check failed: ${error.message}` : "The check failed.";
}

async function inParallel<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, limit), CONCURRENCY_MAX) }, worker));
}

const CONCURRENCY_MAX = 16;
