// Everything that is used once. A token of one purpose is nothing for another: the purpose is part of what is hashed.

/** What a one-time token is for. */
export const oncePurposes = [
  /** The address of a sign-up is the signer's; the payload is that one attempt's password and metadata. */
  "confirm-sign-up",
  /** A link or code signs in. */
  "sign-in",
  /** A link or code signs in somebody who has lost their password. */
  "recover",
  /** An account that somebody else has made is taken over by whoever has the address. */
  "invite",
  /** A code by text message signs in, or makes the account of the number; the payload is that one attempt's. */
  "sign-in-phone",
  /** A new number is the account's own. */
  "change-phone",
  /** The address an account has agrees to its replacement, which the payload names. */
  "change-email-current",
  /** The address that is to replace it is the person's own. */
  "change-email-new",
  /** Somebody who is signed in proves once more who they are. */
  "reauthenticate",
  /** A text message as a second factor, for one challenge. */
  "factor-phone",
  /** A browser that began a flow with a challenge may have its session (RFC 7636). */
  "flow-code",
  /** A browser comes back from the provider it was sent to (RFC 6749 §10.12); the subject is that browser. */
  "provider-state",
  /** A client of the OAuth 2.1 server redeems what a person granted it; the subject is that client. */
  "authorization-code",
  /** A challenge that a new passkey signs, in one session. */
  "passkey-registration",
  /** A challenge that a passkey signs to sign in. */
  "passkey-authentication",
  /** A challenge that a new security key signs, for one factor in one session. */
  "factor-registration",
  /** A challenge that a security key signs, for one factor in one session. */
  "factor-authentication",
  /** One of the ten codes that stand in for a lost second factor. */
  "recovery-code",
] as const;

export type OncePurpose = (typeof oncePurposes)[number];

/** What was sent or granted for an account and waits to be redeemed: it dies when its password or its address changes. */
export const mailedPurposes: readonly OncePurpose[] = [
  "confirm-sign-up",
  "sign-in",
  "recover",
  "invite",
  "sign-in-phone",
  "change-phone",
  "change-email-current",
  "change-email-new",
  "reauthenticate",
  "flow-code",
  "authorization-code",
];
