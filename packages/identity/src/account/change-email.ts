// Another address for an account. Both the address it has and the one it is to get must agree, so that neither a stolen session nor
// a mistyped address moves an account. For an anonymous person it is the step to a permanent account, under the same id.
import type { IdentityContext } from "../identity-context.ts";
import { countMail } from "../limit/mail-limit.ts";
import { postNotice } from "../message/notice.ts";
import { endOnce } from "../once/once.ts";
import { mailedPurposes } from "../once/purpose.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded } from "../session/end-sessions.ts";
import type { EndedSession } from "../session/session-store.ts";
import type { Delivery } from "../verify/delivery.ts";
import { sendLink, sendNothing } from "../verify/send-link.ts";
import type { Account } from "./account.ts";
import { findAccount, findAccountByEmail } from "./account-store.ts";
import { noteNewEmail, type Side } from "./change-store.ts";
import { accountLabel } from "./email-address.ts";
import { refuseTooSoon } from "./fresh-proof.ts";

export const emailChangePurposes = {
  current: "change-email-current",
  new: "change-email-new",
} as const satisfies Record<Side, string>;

export interface EmailWish {
  /** Normalised and valid. */
  readonly email: string;
  /** An anonymous person's first password: it counts once the address is confirmed. */
  readonly passwordHash: string | null;
  readonly delivery: Delivery;
}

/** @throws IdentityError over_email_send_rate_limit */
export async function requestEmailChange(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  wish: EmailWish,
): Promise<void> {
  refuseTooSoon(account.sentAt.emailChange, context.now());
  const label = accountLabel(wish.email);
  await countMail(context, caller, wish.email, label);
  const isTaken = await askBothSides(context, caller, account, wish);
  emitEvent(context, caller, "account.changed", {
    subject: account.id,
    sessionId: session.id,
    reason: "address-requested",
    detail: { account: label, taken: isTaken },
  });
}

/** Mails both sides. A free and a taken address are treated alike; true when somebody has it. */
export async function askBothSides(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  { email, passwordHash, delivery }: EmailWish,
): Promise<boolean> {
  const now = context.now();
  const holder = await findAccountByEmail(context.database, email);
  await endOnce(context, { userId: account.id }, Object.values(emailChangePurposes));
  await noteNewEmail(context.database, account.id, email, now);
  const linkFor = (side: Side, address: string) => ({
    purpose: emailChangePurposes[side],
    type: "email_change" as const,
    email: address,
    userId: account.id,
    delivery,
    payload: { email, passwordHash },
  });
  if (account.email !== "") await sendLink(context, caller, "confirm-email-change", linkFor("current", account.email));
  if (holder === null) await sendLink(context, caller, "confirm-email-change", linkFor("new", email));
  else {
    await sendNothing(context, linkFor("new", email));
    postNotice(context, caller, holder, "address-taken");
  }
  return holder !== null;
}

/** The work of mailing both sides, for an address that nothing waits for. */
export async function askNobody(context: IdentityContext, email: string, delivery: Delivery): Promise<void> {
  for (const purpose of Object.values(emailChangePurposes)) {
    await sendNothing(context, { purpose, type: "email_change", email, userId: null, delivery });
  }
}

/**
 * After the name of an account has changed: what was sent for it before is worthless, its sessions have ended, and who had it is told.
 * Returns the account as it is now.
 */
export async function drawConsequences(
  context: IdentityContext,
  caller: Caller,
  before: Account,
  { changed, ended }: { readonly changed: "address" | "number"; readonly ended: readonly EndedSession[] },
): Promise<Account | null> {
  const subject = before.id;
  announceEnded(context, caller, ended, "address-changed");
  await endOnce(context, { userId: subject }, mailedPurposes);
  const account = await findAccount(context.database, subject);
  if (account === null) return null;
  emitEvent(context, caller, "account.changed", { subject, reason: before.isAnonymous ? "made-permanent" : changed });
  const added = account.appMetadata.roles.filter((role) => !before.appMetadata.roles.includes(role)).join(",");
  if (added !== "")
    emitEvent(context, caller, "role.changed", { subject, reason: "made-permanent", detail: { added } });
  postNotice(context, caller, before, "address-changed");
  return account;
}
