// Carries the event log through detection to alerts and incidents. It reads every record once, in order: live from the log's
// subscription, and from the table what it has missed, after a start or because another process wrote it. A database that is
// away stops it where it is; it goes on from there.

import type { Policy } from "@holdfast/policy";
import { detectApiErrors } from "../detection/api-errors.ts";
import type { EventRule } from "../detection/event-rule.ts";
import { eventRules, findingsIn } from "../detection/event-rules.ts";
import { FINDING_EVIDENCE_MAX, type Finding } from "../detection/finding.ts";
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
  readonly monitoring: Pick<Policy["monitoring"], "failedLogins" | "apiErrorsAbove">;
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
  const { events, monitoring, through } = options;
  const rules = eventRules(monitoring);
  for (const rule of rules) await warmUp(events, through, rule);
  const reader = new LogReader(options, rules);
  const unsubscribe = events.subscribe(() => void reader.wake());
  await reader.wake();
  const apiErrors = detectApiErrors(monitoring.apiErrorsAbove);
  return {
    sample: (counts) => {
      const findings = apiErrors({ at: options.now(), ...counts, events: reader.takeErrors() });
      return options.response.findings(findings, reader.through);
    },
    settled: () => reader.wake(),
    stop: () => {
      unsubscribe();
      return reader.stop();
    },
  };
}

/** Reads every record once, in order, and remembers how far it got. */
class LogReader {
  readonly #options: WatchOptions;
  readonly #rules: readonly EventRule[];
  /** What has been detected but not yet written survives a failed write: the detectors must not see a record twice. */
  readonly #pending: { readonly findings: readonly Finding[]; readonly seq: number }[] = [];
  through: number;
  #checkpointed: number;
  #errors: { seq: number; at: number }[] = [];
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isDirty = false;

  constructor(options: WatchOptions, rules: readonly EventRule[]) {
    this.#options = options;
    this.#rules = rules;
    this.through = options.through;
    this.#checkpointed = options.through;
  }

  /** Reads what is new; resolves when nothing is, or the database is away. */
  wake(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isDirty = true;
    this.#running ??= this.#round();
    return this.#running;
  }

  /** The errors read since the last call, at most as many as a finding cites. */
  takeErrors(): readonly { readonly seq: number; readonly at: number }[] {
    const errors = this.#errors;
    this.#errors = [];
    return errors;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.wake();
    clearTimeout(this.#timer);
    // Without a database there is no checkpoint: the next start reads a little more.
    await this.#checkpoint().catch((cause: unknown) => this.#options.onFailure?.(cause));
  }

  /** `#running` is cleared in the same step that saw nothing new, so that no record is left unread. */
  async #round(): Promise<void> {
    const { events, onFailure } = this.#options;
    try {
      do {
        this.#isDirty = false;
        await this.#writePending();
        // A log that was cut has nothing to read although its head is further on.
        for (let before = -1; events.newestSeq > this.through && before !== this.through; ) {
          before = this.through;
          await this.#catchUp();
        }
      } while (this.#isDirty);
    } catch (cause) {
      // The place is kept; the timer tries again.
      onFailure?.(cause);
      if (!this.#isStopped) this.#timer = setTimeout(() => void this.wake(), RETRY_MS).unref();
    }
    this.#running = undefined;
  }

  /** Reads what is recorded beyond `through`. Throws when the database is away; nothing is skipped then. */
  async #catchUp(): Promise<void> {
    for await (const records of this.#options.events.replay(this.through)) {
      for (const record of records) {
        if (errorNames.has(record.name)) this.#noteError(record);
        this.#pending.push({ findings: findingsIn(this.#rules, record), seq: record.seq });
      }
      await this.#writePending();
    }
  }

  #noteError({ seq, at }: EventRecord): void {
    this.#errors.push({ seq, at });
    if (this.#errors.length > FINDING_EVIDENCE_MAX) this.#errors.shift();
  }

  async #writePending(): Promise<void> {
    for (let next = this.#pending[0]; next !== undefined; next = this.#pending[0]) {
      await this.#options.response.findings(next.findings, next.seq);
      this.#pending.shift();
      this.through = next.seq;
    }
    if (this.through - this.#checkpointed >= CHECKPOINT_RECORDS) await this.#checkpoint();
  }

  async #checkpoint(): Promise<void> {
    if (this.through === this.#checkpointed) return;
    await this.#options.response.checkpoint(this.through);
    this.#checkpointed = this.through;
  }
}

/** Shows the rule what it had seen shortly before it stopped, and drops what it finds there again. */
async function warmUp(events: EventLog, through: number, rule: EventRule): Promise<void> {
  if (through === 0 || rule.remembersMs === 0) return;
  const [last] = (await events.query({ cursor: through + 1, limit: 1 })).events;
  if (last === undefined) return;
  const recent: EventRecord[] = [];
  const after = last.at - rule.remembersMs;
  for (let cursor: number | null = through + 1; cursor !== null && recent.length < WARM_UP_RECORDS_MAX; ) {
    const page = await events.query({ name: rule.event, after, cursor, limit: 200 });
    recent.push(...page.events);
    cursor = page.next;
  }
  for (const record of recent.reverse()) rule.detect(record);
}
