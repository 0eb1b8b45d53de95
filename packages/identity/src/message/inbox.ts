// The inbox of a deployment that sends nothing: messages are kept in memory, for whoever develops with it and for the checks.
import { randomUUID } from "node:crypto";
import type { Message, Messenger } from "./message.ts";

/** A message as the inbox keeps it. */
export interface Received extends Message {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Inbox extends Messenger {
  /** Newest first. */
  messages(): readonly Received[];
}

export interface InboxOptions {
  readonly now: () => number;
  readonly onMessage?: (message: Received) => void;
}

/** The oldest goes when there are more. */
export const inboxMessagesMax = 500;

export function createInbox({ now, onMessage = () => undefined }: InboxOptions): Inbox {
  const kept: Received[] = [];
  return {
    carries: ["email", "phone"],
    send: async (message) => {
      const received = { id: randomUUID(), at: now(), ...message };
      kept.unshift(received);
      kept.length = Math.min(kept.length, inboxMessagesMax);
      onMessage(received);
    },
    messages: () => [...kept],
  };
}
