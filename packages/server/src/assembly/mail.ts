// Who carries identity's messages: the mail server that the deployment names, or the inbox of one that sends nothing.
import {
  createInbox,
  createSmtpMessenger,
  type Inbox,
  type Messenger,
  type Received,
  requireCarrier,
} from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import { ServerError } from "../error.ts";
import type { Closers } from "./closers.ts";

export interface MailSettings {
  /** `smtps://user:password@host:465`, or `smtp://…` with STARTTLS. A secret. */
  readonly smtpUrl: string;
  /** The sender's address. */
  readonly from: string;
}

export interface Mail {
  readonly messenger: Messenger;
  /** Null where mail is sent. */
  readonly inbox: Inbox | null;
}

/** @throws ServerError `server/mail-invalid` */
export function openMail(
  settings: MailSettings | undefined,
  now: () => number,
  onMessage: (message: Received) => void,
  closers: Closers,
): Mail {
  if (settings === undefined) {
    const inbox = createInbox({ now, onMessage });
    return { messenger: inbox, inbox };
  }
  const messenger = smtpOf(settings);
  closers.add(async () => messenger.close());
  return { messenger, inbox: null };
}

function smtpOf({ smtpUrl, from }: MailSettings) {
  try {
    return createSmtpMessenger({ url: smtpUrl, from });
  } catch (cause) {
    // Its message says what is expected and holds nothing of the settings.
    throw new ServerError(
      "server/mail-invalid",
      `Expected usable mail settings. ${(cause as Error).message}.`,
      "Correct the URL and the sender, or leave both out: messages are then kept in the inbox.",
    );
  }
}

/** @throws ServerError `server/text-messages-uncarried` */
export function refuseUncarried(policy: Policy, messenger: Messenger): void {
  try {
    requireCarrier(policy, messenger);
  } catch (cause) {
    // It names settings of the policy and nothing else.
    throw new ServerError(
      "server/text-messages-uncarried",
      `${(cause as Error).message}.`,
      "Turn these settings off in the policy: SMTP carries mail only. Without mail settings the inbox keeps both.",
    );
  }
}
