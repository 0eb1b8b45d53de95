// Messages on their way out. Whoever posts one never waits: how long a mail server takes, or whether there was a message at
// all, must not show in the time of an answer. What waits for another try is kept, so that a restart loses none of it.
import { randomUUID } from "node:crypto";
import { type Message, type Messenger, type Recipient, Undelivered } from "./message.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { MessageAbout, PostedMessage } from "./posted-message.ts";

export interface Outbox {
  /** Hands a message over. Never throws. */
  post(message: Message, about: MessageAbout): void;
  /** Sends what a process left behind that is gone. */
  adopt(): Promise<void>;
  /** The last try to reach this kind of recipient failed a moment ago, and not because of the message. */
  isFailing(kind: Recipient["kind"]): boolean;
  /** Resolves when nothing is on its way any more. */
  settled(): Promise<void>;
  /** Keeps what is unsent, for whoever starts next. Nothing is sent after it. */
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly messenger: Messenger;
  readonly onSent: (message: Message, about: MessageAbout) => void;
  /** `queue-full`, `not-carried`, or the name of what went wrong. */
  readonly onFailed: (message: Message, about: MessageAbout, reason: string) => void;
  /** Where messages wait that a restart must not lose; without it they are lost. */
  readonly store?: OutboxStore;
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
/** How long a stop waits for what is under way. */
const closeMsMax = 2000;

interface Posted extends PostedMessage {
  /** It stands in the store. */
  readonly isKept: boolean;
}

/** What waits for another try holds nobody else's message back. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { store } = options;
  const waiting: Posted[] = [];
  const underway = new Map<Promise<void>, Posted>();
  const pausing = new Map<Promise<void>, Posted>();
  const failedAt = new Map<Recipient["kind"], number>();
  let isClosed = false;

  function start(posted: Posted): void {
    const run = deliver(options, posted, pausing.size < pausingMax, failedAt)
      .then((pauseMs) => (pauseMs === null ? undefined : pause({ ...posted, failed: posted.failed + 1 }, pauseMs)))
      .finally(() => {
        underway.delete(run);
        const next = isClosed ? undefined : waiting.shift();
        if (next !== undefined) start(next);
      });
    underway.set(run, posted);
  }

  function enter(posted: Posted): void {
    if (underway.size < underwayMax && !isClosed) start(posted);
    else waiting.push(posted);
  }

  async function pause(posted: Posted, ms: number): Promise<void> {
    const isKept = (await keep(posted, ms)) || posted.isKept;
    const over = new Promise<void>((resolve) => {
      setTimeout(resolve, ms).unref();
    }).then(() => {
      pausing.delete(over);
      if (!isClosed) enter({ ...posted, isKept });
    });
    pausing.set(over, posted);
  }

  async function keep(posted: Posted, heldMs: number): Promise<boolean> {
    if (store === undefined) return false;
    // A database that is away is no reason to give the message up: it stays in memory.
    return store.keep(posted, heldMs).then(
      () => true,
      () => false,
    );
  }

  return {
    post(message, about) {
      // Trying again would not help.
      if (!options.messenger.carries.includes(message.to.kind)) options.onFailed(message, about, "not-carried");
      else if (underway.size < underwayMax || waiting.length < waitingMax)
        enter({ id: randomUUID(), message, about, failed: 0, isKept: false });
      else options.onFailed(message, about, "queue-full");
    },
    async adopt() {
      if (store === undefined || isClosed || waiting.length > 0) return;
      for (const kept of await store.adopt(waitingMax)) enter({ ...kept, isKept: true });
    },
    isFailing(kind) {
      const at = failedAt.get(kind);
      return at !== undefined && options.now() - at < failingMs;
    },
    async settled() {
      while (underway.size + pausing.size > 0) await Promise.all([...underway.keys(), ...pausing.keys()]);
    },
    async close() {
      isClosed = true;
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, closeMsMax).unref();
      });
      await Promise.race([Promise.all(underway.keys()), late]);
      for (const posted of [...waiting, ...underway.values(), ...pausing.values()]) {
        if (!(await keep(posted, 0)) && !posted.isKept) options.onFailed(posted.message, posted.about, "stopped");
      }
    },
  };
}

/** One try: how long to wait before the next one, or null when there is none. Never rejects: what is given up is reported. */
async function deliver(
  options: OutboxOptions,
  { id, message, about, failed, isKept }: Posted,
  mayPause: boolean,
  failedAt: Map<Recipient["kind"], number>,
): Promise<number | null> {
  const kept = isKept ? options.store : undefined;
  try {
    // Another process took it because this one was silent for too long: it is that one's to send.
    if (kept !== undefined && !(await kept.hold(id))) return null;
    await options.messenger.send(message, id);
    failedAt.delete(message.to.kind);
    options.onSent(message, about);
    // A row that stays is found by its id where the receiver knows it, and is a second message otherwise: rare, and said so.
    await kept?.forget(id).catch(() => undefined);
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
    await kept?.forget(id).catch(() => undefined);
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
