// Where the messages of a project go: as its deployment says, or as the environment does. Nothing said means that none is sent.
import type { MailSettings, TextMessageSettings } from "@holdfast/server";
import { CliError } from "../cli-error.ts";
import type { Project } from "../project.ts";

/** @throws CliError when only half of it is set. */
export function mailOf(
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
): MailSettings | undefined {
  const smtpUrl = environment["HOLDFAST_SMTP_URL"];
  const from = environment["HOLDFAST_SMTP_FROM"];
  if (smtpUrl === undefined && from === undefined) return project.deployment.mail;
  if (smtpUrl !== undefined && from !== undefined) return { smtpUrl, from };
  throw new CliError(
    "cli/mail-incomplete",
    "HOLDFAST_SMTP_URL and HOLDFAST_SMTP_FROM were expected together; one of them is not set",
    "set both to send mail, or neither to keep messages in the inbox",
  );
}

/** @throws CliError when only half of it is set. */
export function textMessagesOf(
  project: Project,
  environment: Readonly<Record<string, string | undefined>>,
): TextMessageSettings | undefined {
  const smsUrl = environment["HOLDFAST_SMS_URL"];
  const smsSecret = environment["HOLDFAST_SMS_SECRET"];
  if (smsUrl === undefined && smsSecret === undefined) return project.deployment.textMessages;
  if (smsUrl !== undefined && smsSecret !== undefined) return { smsUrl, smsSecret };
  throw new CliError(
    "cli/mail-incomplete",
    "HOLDFAST_SMS_URL and HOLDFAST_SMS_SECRET were expected together; one of them is not set",
    "set both to send text messages, or neither",
  );
}
