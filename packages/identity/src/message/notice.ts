// Notices: whoever owns an account learns when how it is signed in to has changed, also if it was not them.
import type { Account } from "../account/account.ts";
import { accountLabel } from "../account/email-address.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Caller } from "../request/caller.ts";
import type { MessageKind } from "./message.ts";
import { writeMessage } from "./write-message.ts";

/** To the account's address, if it has one that is confirmed: anybody can claim another. */
export function postNotice(
  context: IdentityContext,
  caller: Caller,
  account: Pick<Account, "id" | "email" | "emailConfirmedAt">,
  kind: MessageKind,
): void {
  const { id, email, emailConfirmedAt } = account;
  if (email === "" || emailConfirmedAt === null) return;
  const link = kind === "address-taken" ? { link: `${context.policy.application.origin}/` } : {};
  const message = writeMessage(context.policy, { to: { kind: "email", address: email }, kind, ...link });
  context.outbox.post(message, { caller, subject: id, account: accountLabel(email) });
}
