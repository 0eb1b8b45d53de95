// Messages on their way out. Whoever posts one never waits: how long a mail server takes, or whether there was a message at
// all, must not show in the time of an answer.
import type { Caller } from "../request/caller.ts";
import type { Message, Messenger } from "./message.ts";

export interface Outbox {
  /** Hands a message over. Never throws. */
  post(message: Message, about: MessageAbout): void;
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
}

const underwayMax = 4;
const waitingMax = 1000;
const retryMsUsual = [1000, 10_000, 60_000];

interface Posted {
  readonly message: Message;
  readonly about: MessageAbout;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const waiting: Posted[] = [];
  const underway = new Set<Promise<void>>();

  function start(posted: Posted): void {
    const run = deliver(options, posted).finally(() => {
      underway.delete(run);
      const next = waiting.shift();
      if (next !== undefined) start(next);
    });
    underway.add(run);
  }

  return {
    post(message, about) {
      // Trying again would not help.
      if (!options.messenger.carries.includes(message.to.kind)) options.onFailed(message, about, "not-carried");
      else if (underway.size < underwayMax) start({ message, about });
      else if (waiting.length < waitingMax) waiting.push({ message, about });
      else options.onFailed(message, about, "queue-full");
    },
    async settled() {
      while (underway.size > 0) await Promise.all(underway);
    },
  };
}

/** Never rejects: what could not be delivered is reported. */
async function deliver(options: OutboxOptions, { message, about }: Posted): Promise<void> {
  const pauses = options.retryMs ?? retryMsUsual;
  for (let tried = 0; ; tried += 1) {
    try {
      await options.messenger.send(message);
      options.onSent(message, about);
      return;
    } catch (error) {
      // A mail server that is away for a moment is tried again; in the end the failure is an event.
      const pause = pauses[tried];
      if (pause === undefined) {
        const { code, name } = error as { readonly code?: unknown; readonly name?: string };
        options.onFailed(message, about, typeof code === "string" ? code : (name ?? "unknown"));
        return;
      }
      await new Promise<void>((resolve) => {
        setTimeout(resolve, pause).unref();
      });
    }
  }
}
