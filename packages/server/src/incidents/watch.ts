// Carries the event log through detection to alerts and incidents. It reads every record once, in order: live from the log's
// subscription, and from the table what it has missed, after a start or because another process wrote it. A database that is
// away stops it where it is; it goes on from there.

import { detectApiErrors } from "../detection/api-errors.ts";
import { detectBrokenCheck } from "../detection/broken-check.ts";
import { detectFailedLogins, type FailedLoginsRule } from "../detection/failed-logins.ts";
import type { Finding } from "../detection/finding.ts";
import { LATENESS_MS } from "../detection/threshold.ts";
import type { EventLog } from "../events/event-log.ts";
import type { EventRecord } from "../events/event-record.ts";
import type { Response } from "./response.ts";

/** A checkpoint after this many records without one bounds what the next start has to read. */
const CHECKPOINT_RECORDS = 5_000;
const RETRY_MS = 1_000;
/** Records that are warmed up before the place where detection stopped, at most. */
const WARM_UP_RECORDS_MAX = 100_000;

export interface WatchOptions {
  readonly events: EventLog;
  readonly response: Response;
  /** How far the event log had been read by the last process. */
  readonly through: number;
  readonly failedLogins: FailedLoginsRule;
  readonly apiErrorsAbove: number;
  readonly now: () => number;
  readonly onFailure?: (cause: unknown) => void;
}

export interface Watch {
  /** Counts of requests since the previous call. */
  sample(counts: { readonly requests: number; readonly errors: number }): Promise<void>;
  /** Resolves when everything recorded so far has been read and its alerts are written. */
  settled(): Promise<void>;
  /** Notes how far it got, and ends. */
  stop(): Promise<void>;
}

const errorNames: ReadonlySet<string> = new Set(["api.error", "edge.upstream-failed"]);

export async function startWatch(options: WatchOptions): Promise<Watch> {
  const { events, response, now } = options;
  const failedLogins = detectFailedLogins(options.failedLogins);
  const apiErrors = detectApiErrors(options.apiErrorsAbove);
  const windowMs = options.failedLogins.windowSeconds * 1000;
  let through = await warmUp(events, options.through, windowMs + LATENESS_MS, failedLogins);
  let checkpointed = options.through;
  let errors: { seq: number; at: number }[] = [];
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let isDirty = false;

  /** Reads what is recorded beyond `through`. Throws when the database is away; nothing is skipped then. */
  const catchUp = async (): Promise<void> => {
    for await (const records of events.replay(through)) {
      for (const record of records) {
        const findings: readonly Finding[] = [...failedLogins(record), ...detectBrokenCheck(record)];
        if (errorNames.has(record.name)) errors.push({ seq: record.seq, at: record.at });
        pending.push({ findings, seq: record.seq });
      }
      await writePending();
    }
  };
  // What has been detected but not yet written survives a failed write: the detectors must not see a record twice.
  const pending: { findings: readonly Finding[]; seq: number }[] = [];
  const writePending = async (): Promise<void> => {
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      await response.findings(next.findings, next.seq);
      pending.shift();
      through = next.seq;
    }
    if (through - checkpointed >= CHECKPOINT_RECORDS) await checkpoint();
  };
  const checkpoint = async (): Promise<void> => {
    if (through === checkpointed) return;
    await response.checkpoint(through);
    checkpointed = through;
  };

  /** `running` is cleared in the same step that saw nothing new, so that no record is left unread. */
  const round = async (): Promise<void> => {
    try {
      do {
        isDirty = false;
        await writePending();
        // A log that was cut has nothing to read although its head is further on.
        for (let before = -1; events.newestSeq > through && before !== through; ) {
          before = through;
          await catchUp();
        }
      } while (isDirty);
    } catch (cause) {
      // The place is kept; the timer tries again.
      options.onFailure?.(cause);
      if (!isStopped) {
        timer = setTimeout(() => void wake(), RETRY_MS);
        timer.unref();
      }
    }
    running = undefined;
  };
  const wake = (): Promise<void> => {
    clearTimeout(timer);
    isDirty = true;
    running ??= round();
    return running;
  };
  const unsubscribe = events.subscribe(() => void wake());
  await wake();

  return {
    async sample(counts) {
      const findings = apiErrors({ at: now(), ...counts, events: errors });
      errors = [];
      await response.findings(findings, through);
    },
    settled: () => wake(),
    async stop() {
      unsubscribe();
      isStopped = true;
      await wake();
      clearTimeout(timer);
      // Without a database there is no checkpoint: the next start reads a little more.
      await checkpoint().catch((cause: unknown) => options.onFailure?.(cause));
    },
  };
}

/** Shows the detector what it had seen shortly before it stopped, and drops what it finds there again. Returns `through`. */
async function warmUp(
  events: EventLog,
  through: number,
  backMs: number,
  detect: (record: EventRecord) => readonly Finding[],
): Promise<number> {
  if (through === 0) return 0;
  const [last] = (await events.query({ cursor: through + 1, limit: 1 })).events;
  if (last === undefined) return through;
  const recent: EventRecord[] = [];
  const after = last.at - backMs;
  for (let cursor: number | null = through + 1; cursor !== null && recent.length < WARM_UP_RECORDS_MAX; ) {
    const page = await events.query({ name: "signin.failed", after, cursor, limit: 200 });
    recent.push(...page.events);
    cursor = page.next;
  }
  for (const record of recent.reverse()) detect(record);
  return through;
}
