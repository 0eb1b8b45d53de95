// The book of a check: every attempt it made, whether it was refused and seen, and what all of them together say.
import type { EventName, Exchange, Result } from "@holdfast/policy";
import type { CheckRun } from "./check-run.ts";
import { EVENT_DEADLINE_MS, type EventTrace, type EventWatch } from "./event-watch.ts";
import type { Redaction } from "./redaction.ts";

/** Transcript entries that are kept; breaches first. */
const TRANSCRIPT_MAX = 20;

/** One attempt that the check judged itself. */
export interface Judgement {
  readonly request: string;
  readonly expected: string;
  readonly got: string;
  /** The attack failed as it must. */
  readonly held: boolean;
  /** Event that must be found; one of several names when a list. */
  readonly event?: EventTrace & { readonly name: EventName | readonly EventName[] };
}

interface Attempt {
  exchange: Exchange;
  held: boolean;
}

export interface AttemptBook {
  record(judgement: Judgement): void;
  /** What the attempts so far say; this sentence when all of them failed as they must. */
  verdict(sentence: string): CheckRun;
  /** The verdict after every promised event was found or its deadline passed. */
  conclude(sentence: string): Promise<CheckRun>;
  looked(): number;
  transcript(): Exchange[];
}

export function openBook(redaction: Redaction, events: EventWatch): AttemptBook {
  const attempts: Attempt[] = [];
  const waiting: Promise<void>[] = [];
  return {
    record(judgement) {
      const attempt: Attempt = {
        exchange: {
          request: redaction.apply(judgement.request),
          expected: redaction.apply(judgement.expected),
          got: redaction.apply(judgement.got),
        },
        held: judgement.held,
      };
      attempts.push(attempt);
      // Once the attack has succeeded, whether anybody saw it changes nothing.
      if (judgement.event && judgement.held) waiting.push(awaitEvent(events, attempt, judgement.event));
    },
    verdict: (sentence) => verdict(attempts, sentence),
    async conclude(sentence) {
      await Promise.all(waiting);
      return verdict(attempts, sentence);
    },
    looked: () => attempts.length,
    transcript: () => chooseTranscript(attempts),
  };
}

async function awaitEvent(
  events: EventWatch,
  attempt: Attempt,
  wanted: NonNullable<Judgement["event"]>,
): Promise<void> {
  const found = await events.find(wanted, wanted.name);
  const isLate = found !== null && found.delayMs > EVENT_DEADLINE_MS;
  const said = found ? `${found.name} #${found.seq}` : `none: ${[wanted.name].flat().join(" or ")} was promised`;
  attempt.exchange = {
    ...attempt.exchange,
    event: isLate ? `none in time: ${said} was recorded after ${found.delayMs} ms` : said,
  };
  if (!found || isLate) attempt.held = false;
}

function verdict(attempts: readonly Attempt[], sentence: string): CheckRun {
  const broken = attempts.filter((attempt) => !attempt.held);
  const looked = attempts.length;
  if (looked === 0) return { result: "unproven", looked, seen: "The check found nothing to attack." };
  const first = broken[0]?.exchange;
  if (!first) return { result: "held", looked, seen: sentence };
  const others = broken.length > 1 ? ` (and ${broken.length - 1} more of ${looked})` : "";
  const event = first.event?.startsWith("none") ? `; event ${first.event}` : "";
  return {
    result: "broken" satisfies Result,
    looked,
    seen: `${first.request}: expected ${first.expected}, got ${first.got}${event}${others}.`,
  };
}

/** At most `TRANSCRIPT_MAX` exchanges: every breach that fits, then attempts spread evenly over the run. */
function chooseTranscript(attempts: readonly Attempt[]): Exchange[] {
  const broken = attempts.filter((attempt) => !attempt.held).slice(0, TRANSCRIPT_MAX);
  const held = attempts.filter((attempt) => attempt.held);
  const room = Math.min(TRANSCRIPT_MAX - broken.length, held.length);
  const chosen = Array.from({ length: room }, (_, index) => held[Math.floor((index * held.length) / room)]);
  return [...broken, ...chosen].flatMap((attempt) => attempt?.exchange ?? []);
}
