// What a check holds in its hands: the way in, the people of the run, and the book in which every attempt is written.
import type { EventName, Exchange, Policy } from "@holdfast/policy";
import { type Account, type Accounts, errorWord } from "./accounts.ts";
import { type Judgement, openBook } from "./attempt-book.ts";
import type { CheckRun } from "./check-run.ts";
import type { Answer, Asked, EdgeClient } from "./edge-client.ts";
import type { EventWatch } from "./event-watch.ts";
import type { People } from "./people.ts";
import { ProbeError } from "./probe-error.ts";
import type { Redaction } from "./redaction.ts";
import type { Target } from "./target.ts";

/** What a sound system answers to an attack, and why. */
export interface Refusal {
  readonly status: number | readonly number[];
  /** Stable word of the reason: a problem's `code`, or Supabase's error code. One of several when a list. */
  readonly code?: string | readonly string[];
  /** Event that must be found with the attempt's correlation id. One of several when a list. */
  readonly event?: EventName | readonly EventName[];
}

export interface ProbeSession {
  readonly target: Target;
  readonly policy: Policy;
  readonly client: EdgeClient;
  readonly accounts: Accounts;
  readonly people: People;
  readonly events: EventWatch;
  readonly redaction: Redaction;
  /** Sends a request; judges nothing. */
  ask(asked: Asked): Promise<Answer>;
  /**
   * What must work, works. @throws ProbeError `probes/positive-failed`: the check is then unproven, never held.
   */
  positive(what: string, asked: Asked, status: number | readonly number[]): Promise<Answer>;
  /** Fails the check as unproven unless `holds`. @throws ProbeError `probes/positive-failed` */
  require(holds: boolean, what: string): void;
  /** Sends an attack and demands that it is refused for this reason and leaves this event. */
  expectRefused(asked: Asked, refusal: Refusal, as?: string): Promise<Answer>;
  /** Writes down an attempt that was judged by other means. */
  judge(judgement: Judgement): void;
  /** Undoes something at the end of the check, whatever happened; a failure makes the check unproven. */
  afterwards(undo: () => Promise<void>): void;
  /** Makes a throw-away account that is removed with the run. */
  victim(roles?: readonly string[]): Promise<Account>;
  /** The verdict: `held` with this sentence when every attempt failed as it must. Waits for the promised events. */
  conclude(sentence: string): Promise<CheckRun>;
}

export interface SessionParts {
  readonly target: Target;
  readonly client: EdgeClient;
  readonly accounts: Accounts;
  readonly people: People;
  readonly events: EventWatch;
  readonly redaction: Redaction;
  /** Whether a check ends with the first attack that succeeds: the rest of what it would do can change nothing of its verdict. */
  readonly stopsAtBreach: boolean;
}

/** Ends a check whose verdict is known. */
class FirstBreach extends Error {}

/** A session of one check, with what only the run may do with it. */
export interface OpenSession {
  readonly session: ProbeSession;
  transcript(): readonly Exchange[];
  /** Attempts so far. */
  looked(): number;
  /** What the attempts so far say; `broken` even when the check could not go on. */
  verdict(): CheckRun;
  /** Undoes what the check did, last first. @throws the first failure, after trying all. */
  cleanUp(): Promise<void>;
}

export function openSession(parts: SessionParts): OpenSession {
  const book = openBook(parts.redaction, parts.events);
  const undos: (() => Promise<void>)[] = [];
  const { client } = parts;
  const record = (judgement: Judgement): void => {
    book.record(judgement);
    if (parts.stopsAtBreach && !judgement.held) throw new FirstBreach("The attack has succeeded.");
  };
  const session: ProbeSession = {
    ...parts,
    policy: parts.target.policy,
    ask: (asked) => client.ask(asked),
    async positive(what, asked, status) {
      const answer = await client.ask(asked);
      if (!list(status).includes(answer.status)) {
        throw new ProbeError(
          "probes/positive-failed",
          `Expected that ${what} (status ${list(status).join(" or ")}), got ${describeAnswer(answer)}.`,
          "A refusal proves nothing while what must work does not: repair that first.",
        );
      }
      return answer;
    },
    require(holds, what) {
      if (holds) return;
      throw new ProbeError(
        "probes/positive-failed",
        `Expected that ${what}; it is not so.`,
        "A refusal would prove nothing.",
      );
    },
    async expectRefused(asked, refusal, as) {
      const answer = await client.ask(asked);
      record({
        request: describeRequest(asked, as),
        expected: describeRefusal(refusal),
        got: describeAnswer(answer),
        held: isRefusal(answer, refusal),
        ...(refusal.event ? { event: { name: refusal.event, correlation: answer.correlation } } : {}),
      });
      return answer;
    },
    judge: record,
    afterwards: (undo) => void undos.push(undo),
    victim: (roles) => parts.accounts.make(roles ? { roles } : {}),
    conclude: (sentence) => book.conclude(sentence),
  };
  return {
    session,
    transcript: book.transcript,
    looked: book.looked,
    verdict: () => book.verdict(""),
    cleanUp: () => undoAll(undos),
  };
}

async function undoAll(undos: readonly (() => Promise<void>)[]): Promise<void> {
  let failure: unknown;
  for (const undo of undos.toReversed()) {
    try {
      await undo();
    } catch (error) {
      // The others are still undone; the first failure is reported.
      failure ??= error;
    }
  }
  if (failure) throw failure;
}

function isRefusal(answer: Answer, refusal: Refusal): boolean {
  if (!list(refusal.status).includes(answer.status)) return false;
  return refusal.code === undefined || list(refusal.code).includes(errorWord(answer));
}

function describeRefusal(refusal: Refusal): string {
  const code = refusal.code === undefined ? "" : ` ${list(refusal.code).join(" or ")}`;
  return `refused with ${list(refusal.status).join(" or ")}${code}${refusal.event ? `, event ${list(refusal.event).join(" or ")}` : ""}`;
}

/** "403 gateway/not-allowed": a status and its stable word. */
export function describeAnswer(answer: Answer): string {
  return answer.status < ERROR_STATUS_MIN ? `${answer.status}` : `${answer.status} ${errorWord(answer)}`;
}

const ERROR_STATUS_MIN = 400;
const REQUEST_TEXT_MAX = 160;

function describeRequest(asked: Asked, as?: string): string {
  const headers = Object.entries(asked.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const detail = headers.length > 0 ? ` [${headers.join(", ")}]` : "";
  return `${asked.method} ${asked.path}${detail}`.slice(0, REQUEST_TEXT_MAX) + (as ? ` as ${as}` : "");
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}
