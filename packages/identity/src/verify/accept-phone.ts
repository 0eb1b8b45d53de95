// A code by text message came back: it signs in, makes the account of its number, or puts a new number in place.
import { randomUUID } from "node:crypto";
import type { Account } from "../account/account.ts";
import { findAccount, findAccountByPhone, insertAccount, updateAccount } from "../account/account-store.ts";
import { drawConsequences } from "../account/change-email.ts";
import { applyNewPhone } from "../account/change-store.ts";
import { accountLabel } from "../account/email-address.ts";
import { type Metadata, mergeAppMetadata } from "../account/metadata.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import type { Redeemed } from "../once/once.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { tokensEndAt } from "../session/end-sessions.ts";
import { endSessions } from "../session/session-store.ts";
import type { Verification } from "./verification.ts";

/** What one attempt would install. Written by us alone. */
interface PendingPhone {
  readonly passwordHash?: string;
  readonly userMetadata: Metadata;
  readonly roles: readonly string[];
}

export const phoneVerification: Verification = {
  purposes: ["sign-in-phone"],
  async accept(context, caller, redeemed) {
    const known = await findAccountByPhone(context.database, redeemed.subject);
    const account = known === null ? await makeAccount(context, caller, redeemed) : await confirmed(context, known);
    return { kind: "account", account, method: "otp" };
  },
};

export const phoneChangeVerification: Verification = {
  purposes: ["change-phone"],
  async accept(context, caller, { userId, subject: phone, payload }) {
    const before = await findAccount(context.database, userId ?? "");
    if (before === null) return null;
    if ((await findAccountByPhone(context.database, phone)) !== null) throw new IdentityError("phone_exists");
    const { passwordHash } = payload;
    const applied = {
      id: before.id,
      phone,
      roles: before.isAnonymous ? context.rules.rolesOfNewAccount(context.policy.identity.defaultRoles, {}) : [],
      passwordHash: before.isAnonymous && typeof passwordHash === "string" ? passwordHash : null,
    };
    const ended = await context.database.transaction(async (database) => {
      if (!(await applyNewPhone(database, applied, context.now()))) return null;
      return await endSessions(database, before.id, { kind: "all" }, context.now(), tokensEndAt(context));
    });
    if (ended === null) return null;
    const account = await drawConsequences(context, caller, before, { changed: "number", ended });
    return account === null ? null : { kind: "account", account, method: "otp" };
  },
};

async function makeAccount(
  context: IdentityContext,
  caller: Caller,
  { subject: phone, payload }: Redeemed,
): Promise<Account> {
  const { passwordHash, userMetadata, roles } = payload as unknown as PendingPhone;
  const id = randomUUID();
  const stored = {
    id,
    email: "",
    phone,
    isPhoneConfirmed: true,
    passwordHash: passwordHash ?? null,
    appMetadata: mergeAppMetadata(context, {}, { roles }),
    userMetadata,
    isEmailConfirmed: false,
    bannedUntil: null,
  };
  const isNew = await insertAccount(context.database, stored, context.now());
  const account = await findAccount(context.database, id);
  // Somebody else was faster with another code of the same number: theirs is the account.
  if (!isNew || account === null) throw new IdentityError("conflict");
  const detail = { account: accountLabel(phone) };
  emitEvent(context, caller, "account.created", { subject: id, reason: "sign-up", detail });
  return account;
}

/** The number's owner has just proven it. */
async function confirmed(context: IdentityContext, account: Account): Promise<Account> {
  if (account.phoneConfirmedAt !== null) return account;
  const now = context.now();
  const changed = await updateAccount(context.database, account.id, { phoneConfirmedAt: now }, now);
  if (changed === null || typeof changed === "string") throw new IdentityError("conflict");
  return changed;
}
