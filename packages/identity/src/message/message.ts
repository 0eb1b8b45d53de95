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
  /** Resolves when the message is out of our hands. */
  send(message: Message): Promise<void>;
}
