// Where the messages of a project go: as its deployment says, or as the environment does. Nothing said means that none is sent. What is
// secret about it is asked for as a secret, from where the policy says.
import type { MailSettings, TextMessageSettings } from "@holdfast/server";
import { CliError } from "../cli-error.ts";
import type { Project } from "../project.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws CliError when only half of it is set. */
export function mailOf({ policy, deployment }: Project, environment: Environment): MailSettings | undefined {
  const from = environment["HOLDFAST_SMTP_FROM"];
  const hasUrl = Object.hasOwn(policy.secrets, "smtpUrl") || environment["HOLDFAST_SMTP_URL"] !== undefined;
  if (from === undefined && !(hasUrl && deployment.mail === undefined)) return deployment.mail;
  if (from !== undefined && hasUrl) return { from };
  throw new CliError(
    "cli/mail-incomplete",
    "HOLDFAST_SMTP_FROM and the secret smtpUrl (HOLDFAST_SMTP_URL unless the policy says otherwise) were expected together",
    "give both to send mail, or neither to keep messages in the inbox",
  );
}

/** @throws CliError when only half of it is set. */
export function textMessagesOf(
  { policy, deployment }: Project,
  environment: Environment,
): TextMessageSettings | undefined {
  const smsUrl = environment["HOLDFAST_SMS_URL"];
  const hasSecret = Object.hasOwn(policy.secrets, "smsSecret") || environment["HOLDFAST_SMS_SECRET"] !== undefined;
  if (smsUrl === undefined && !(hasSecret && deployment.textMessages === undefined)) return deployment.textMessages;
  if (smsUrl !== undefined && hasSecret) return { smsUrl };
  throw new CliError(
    "cli/mail-incomplete",
    "HOLDFAST_SMS_URL and the secret smsSecret (HOLDFAST_SMS_SECRET unless the policy says otherwise) were expected together",
    "give both to send text messages, or neither",
  );
}
