// What people change about their own account: their metadata, and their password.
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { postNotice } from "../message/notice.ts";
import { endOnce } from "../once/once.ts";
import { mailedPurposes } from "../once/purpose.ts";
import {
  type Authenticated,
  refusedChange,
  requireSecondFactor,
  wasRecentlyAuthenticated,
} from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { announceEnded, tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Account } from "./account.ts";
import { type AccountChange, updateAccount } from "./account-store.ts";
import { accountLabel, normaliseEmail } from "./email-address.ts";
import { type Metadata, mergeUserMetadata } from "./metadata.ts";
import { choosePassword } from "./password-choice.ts";
import { passwordMatches } from "./sign-in.ts";

export interface OwnChange {
  readonly email?: string;
  readonly phone?: string;
  readonly password?: string;
  readonly currentPassword?: string;
  readonly data?: Metadata;
}

/** The account after the change. @throws IdentityError, see the error codes of PUT /user */
export async function changeOwnAccount(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  wanted: OwnChange,
): Promise<Account> {
  const { account, session } = who;
  if (wanted.email !== undefined && normaliseEmail(wanted.email) !== account.email) {
    // An address changes only when both sides confirm it, which needs mail.
    throw new IdentityError("feature_disabled", { message: "Changing the email address is disabled" });
  }
  if (wanted.phone !== undefined && wanted.phone !== "") throw new IdentityError("phone_provider_disabled");
  const passwordHash = wanted.password === undefined ? undefined : await newPasswordHash(context, caller, who, wanted);
  const change: AccountChange = {
    ...(passwordHash === undefined ? {} : { passwordHash }),
    ...(wanted.data === undefined ? {} : { userMetadata: mergeUserMetadata(account.userMetadata, wanted.data) }),
  };
  const endsOthers = passwordHash !== undefined && context.rules.endsOtherSessions("password");
  const { changed, ended } = await context.database.transaction(async (database) => {
    const changed = await updateAccount(database, account.id, change, context.now());
    if (changed === null || typeof changed === "string") throw new IdentityError("user_not_found", { status: 403 });
    if (passwordHash !== undefined) await endOnce({ ...context, database }, { userId: account.id }, mailedPurposes);
    const others = { kind: "others", except: session.id } as const;
    const until = tokensEndAt(context);
    const ended = endsOthers ? await endSessions(database, account.id, others, context.now(), until) : [];
    return { changed, ended };
  });
  const facts = { subject: account.id, sessionId: session.id };
  if (wanted.data !== undefined) emitEvent(context, caller, "account.changed", { ...facts, reason: "user-metadata" });
  if (passwordHash !== undefined) {
    emitEvent(context, caller, "password.changed", { ...facts, reason: "own" });
    announceEnded(context, caller, account.id, ended, "password-changed");
    postNotice(context, caller, account, "password-changed");
  }
  return changed;
}

async function newPasswordHash(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  { password = "", currentPassword }: OwnChange,
): Promise<string> {
  const { account } = who;
  requireSecondFactor(context, caller, who);
  if (currentPassword !== undefined) await requireCurrentPassword(context, caller, account, currentPassword);
  else if (!wasRecentlyAuthenticated(context, who))
    throw refusedChange(context, caller, who, "current_password_required");
  const chosen = await choosePassword(context, account.email, password);
  if (await context.hasher.verify(account.passwordHash, chosen)) throw new IdentityError("same_password");
  return await context.hasher.hash(chosen);
}

/** Guesses here count like guesses at sign-in: a stolen session is no way around the limit. */
async function requireCurrentPassword(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  given: string,
): Promise<void> {
  const label = accountLabel(account.email);
  const attempt = await beginAttempt(context, caller, { kind: "password", email: account.email, account: label });
  if (await passwordMatches(context, attempt, account, given)) return await attempt.succeed();
  const facts = { subject: account.id, reason: "wrong-current-password", detail: { account: label } };
  emitEvent(context, caller, "signin.failed", facts);
  throw new IdentityError("current_password_invalid");
}
