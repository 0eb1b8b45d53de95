// A message on its way, and whom its event is about.
import type { Caller } from "../request/caller.ts";
import type { Message } from "./message.ts";

/** For the event. */
export interface MessageAbout {
  readonly caller: Caller;
  /** The account, where there is one. */
  readonly subject?: string;
  /** The label of the address. */
  readonly account: string;
}

export interface PostedMessage {
  /** The same for every try. */
  readonly id: string;
  readonly message: Message;
  readonly about: MessageAbout;
  /** Tries that failed. */
  readonly failed: number;
}
