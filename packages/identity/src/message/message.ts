// What identity says to people outside of an answer, and who carries it. Whoever assembles identity chooses the carrier.

/** Why somebody gets a message. */
export const messageKinds = [
  "confirm-sign-up",
  "address-taken",
  "sign-in",
  "recover",
  "invite",
  "confirm-email-change",
  "reauthenticate",
  "phone-code",
  // Notices: something about how somebody signs in has changed.
  "password-changed",
  "address-changed",
  "factor-added",
  "factor-removed",
  "passkey-added",
  "passkey-removed",
  "recovery-codes-made",
  "identity-linked",
  "identity-unlinked",
  "account-deleted",
] as const;

export type MessageKind = (typeof messageKinds)[number];

export interface Recipient {
  readonly kind: "email" | "phone";
  readonly address: string;
}

export interface Message {
  readonly to: Recipient;
  readonly kind: MessageKind;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly link?: string;
  readonly code?: string;
}

/** Carries messages: SMTP, or the inbox of a deployment that sends nothing. */
export interface Messenger {
  /** To whom it can carry anything. What it cannot carry is never handed to it. */
  readonly carries: readonly Recipient["kind"][];
  /**
   * Resolves when the message is out of our hands. `id` is the same for every try of one message, so that whoever got it already
   * knows it again. @throws Undelivered, or an error whose `code` says what went wrong
   */
  send(message: Message, id: string): Promise<void>;
}

/** A try that failed. */
export class Undelivered extends Error {
  /** For the event: a word, never what somebody else answered. */
  readonly code: string;
  /** Another try would fail as well: it is this message that is not wanted. */
  readonly isFinal: boolean;

  constructor(code: string, isFinal: boolean, cause?: unknown) {
    super(`The message was not delivered: ${code}`, { cause });
    this.name = "Undelivered";
    this.code = code;
    this.isFinal = isFinal;
  }
}

/** One messenger of several: the first that carries the kind of recipient gets the message. */
export function combineMessengers(messengers: readonly Messenger[]): Messenger {
  return {
    carries: [...new Set(messengers.flatMap(({ carries }) => carries))],
    async send(message, id) {
      const carrier = messengers.find(({ carries }) => carries.includes(message.to.kind));
      if (carrier === undefined) throw new Undelivered("not-carried", true);
      await carrier.send(message, id);
    },
  };
}
