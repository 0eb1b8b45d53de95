// Messages on their way out. Whoever posts one never waits: how long a mail server takes, or whether there was a message at
// all, must not show in the time of an answer.
import { randomUUID } from "node:crypto";
import type { Caller } from "../request/caller.ts";
import { type Message, type Messenger, type Recipient, Undelivered } from "./message.ts";

export interface Outbox {
  /** Hands a message over. Never throws. */
  post(message: Message, about: MessageAbout): void;
  /** The last try to reach this kind of recipient failed a moment ago, and not because of the message. */
  isFailing(kind: Recipient["kind"]): boolean;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>;
}

/** For the event. */
export interface MessageAbout {
  readonly caller: Caller;
  /** The account, where there is one. */
  readonly subject?: string;
  /** The label of the address. */
  readonly account: string;
}

export interface OutboxOptions {
  readonly messenger: Messenger;
  readonly onSent: (message: Message, about: MessageAbout) => void;
  /** `queue-full`, `not-carried`, or the name of what went wrong. */
  readonly onFailed: (message: Message, about: MessageAbout, reason: string) => void;
  /** Pauses before the second and every further try. */
  readonly retryMs?: readonly number[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const underwayMax = 4;
const waitingMax = 1000;
const pausingMax = 1000;
const retryMsUsual = [1000, 10_000, 60_000];
/** So long after a failure nobody is told that a message is on its way; then the next one is the try. */
const failingMs = 15_000;

interface Posted {
  readonly id: string;
  readonly message: Message;
  readonly about: MessageAbout;
  /** Tries that failed. */
  readonly failed: number;
}

/** What waits for another try holds nobody else's message back. */
export function createOutbox(options: OutboxOptions): Outbox {
  const waiting: Posted[] = [];
  const underway = new Set<Promise<void>>();
  const pausing = new Set<Promise<void>>();
  const failedAt = new Map<Recipient["kind"], number>();

  function start(posted: Posted): void {
    const run = deliver(options, posted, pausing.size < pausingMax, failedAt)
      .then((pauseMs) => {
        if (pauseMs !== null) pause({ ...posted, failed: posted.failed + 1 }, pauseMs);
      })
      .finally(() => {
        underway.delete(run);
        const next = waiting.shift();
        if (next !== undefined) start(next);
      });
    underway.add(run);
  }

  function enter(posted: Posted): void {
    if (underway.size < underwayMax) start(posted);
    else waiting.push(posted);
  }

  function pause(posted: Posted, ms: number): void {
    const over = new Promise<void>((resolve) => {
      setTimeout(resolve, ms).unref();
    }).then(() => {
      pausing.delete(over);
      enter(posted);
    });
    pausing.add(over);
  }

  return {
    post(message, about) {
      // Trying again would not help.
      if (!options.messenger.carries.includes(message.to.kind)) options.onFailed(message, about, "not-carried");
      else if (underway.size < underwayMax || waiting.length < waitingMax)
        enter({ id: randomUUID(), message, about, failed: 0 });
      else options.onFailed(message, about, "queue-full");
    },
    isFailing(kind) {
      const at = failedAt.get(kind);
      return at !== undefined && options.now() - at < failingMs;
    },
    async settled() {
      while (underway.size + pausing.size > 0) await Promise.all([...underway, ...pausing]);
    },
  };
}

/** One try: how long to wait before the next one, or null when there is none. Never rejects: what is given up is reported. */
async function deliver(
  options: OutboxOptions,
  { id, message, about, failed }: Posted,
  mayPause: boolean,
  failedAt: Map<Recipient["kind"], number>,
): Promise<number | null> {
  try {
    await options.messenger.send(message, id);
    failedAt.delete(message.to.kind);
    options.onSent(message, about);
    return null;
  } catch (error) {
    // A mail server that is away for a moment is tried again; in the end the failure is an event.
    const { code, name } = error as { readonly code?: unknown; readonly name?: string };
    const isLast = isFinal(error);
    // A message that is not wanted says nothing about its carrier: nobody shall close it for others.
    if (!isLast) failedAt.set(message.to.kind, options.now());
    const pauseMs = mayPause && !isLast ? (options.retryMs ?? retryMsUsual)[failed] : undefined;
    if (pauseMs !== undefined) return pauseMs;
    options.onFailed(message, about, typeof code === "string" ? code : (name ?? "unknown"));
    return null;
  }
}

const finalFrom = 500;

/** Said no, and will again: a mail server by 5xx (RFC 5321 §4.2.1), the others in a word of ours. */
function isFinal(error: unknown): boolean {
  if (error instanceof Undelivered) return error.isFinal;
  const { responseCode } = error as { readonly responseCode?: unknown };
  return typeof responseCode === "number" && responseCode >= finalFrom;
}
