// Who carries identity's messages: the mail server and the sender of text messages that the deployment names, or the inbox of one
// that sends nothing.
import {
  combineMessengers,
  createInbox,
  createRenewedSmtp,
  createSmsMessenger,
  type Inbox,
  type Messenger,
  type Received,
  requireCarrier,
} from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import type { Secrets } from "@holdfast/vault";
import { ServerError } from "../error.ts";
import type { Closers } from "./closers.ts";

export interface MailSettings {
  /** `smtps://user:password@host:465`, or `smtp://…` with STARTTLS. Better the secret `smtpUrl`, which is asked where this is not given. */
  readonly smtpUrl?: string;
  /** The sender's address. */
  readonly from: string;
}

export interface TextMessageSettings {
  /** `https://…`: whoever sends them, by signed requests. */
  readonly smsUrl: string;
  /** `v1,whsec_<base64>`, what the requests are signed with. Better the secret `smsSecret`, which is asked where this is not given. */
  readonly smsSecret?: string;
  /** Certificates (PEM) besides the system's that the receiver may come from. */
  readonly smsAuthorityPem?: string;
}

export interface Mail {
  readonly messenger: Messenger;
  /** Null where all that identity may send is sent. */
  readonly inbox: Inbox | null;
}

export interface MailOptions {
  readonly mail?: MailSettings | undefined;
  readonly textMessages?: TextMessageSettings | undefined;
  readonly secrets: Pick<Secrets, "require">;
  readonly now: () => number;
  readonly onMessage?: ((message: Received) => void) | undefined;
  readonly closers: Closers;
}

/** @throws ServerError `server/mail-invalid`, `server/text-messages-invalid` */
export async function openMail(options: MailOptions): Promise<Mail> {
  const { mail, textMessages, now, onMessage, closers } = options;
  const sms = textMessages === undefined ? [] : [await smsOf(textMessages, options)];
  if (mail === undefined) {
    const inbox = createInbox({ now, ...(onMessage === undefined ? {} : { onMessage }) });
    return { messenger: combineMessengers([...sms, inbox]), inbox };
  }
  const smtp = await smtpOf(mail, options);
  closers.add(async () => smtp.close());
  return { messenger: combineMessengers([...sms, smtp]), inbox: null };
}

async function smsOf({ smsUrl, smsSecret, smsAuthorityPem }: TextMessageSettings, { secrets, now }: MailOptions) {
  try {
    return await createSmsMessenger({
      url: smsUrl,
      secret: async () => smsSecret ?? (await secrets.require("smsSecret")),
      now,
      ...(smsAuthorityPem === undefined ? {} : { authorityPem: smsAuthorityPem }),
    });
  } catch (cause) {
    throw new ServerError(
      "server/text-messages-invalid",
      `Expected usable settings for text messages. ${(cause as Error).message}.`,
      "Correct the URL and the secret, or leave both out.",
    );
  }
}

async function smtpOf({ smtpUrl, from }: MailSettings, { secrets }: MailOptions) {
  try {
    return await createRenewedSmtp(async () => smtpUrl ?? (await secrets.require("smtpUrl")), from);
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
      "Name who sends text messages, or turn these settings off in the policy: SMTP carries mail only. Without mail settings the inbox keeps both.",
    );
  }
}
