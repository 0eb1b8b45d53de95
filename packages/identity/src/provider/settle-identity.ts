// Whose account a person from a provider signs in to. The identity decides, never the address by itself; where an address may
// count at all is one rule (linking.ts).
import { randomUUID } from "node:crypto";
import type { Account } from "../account/account.ts";
import { findAccount, findAccountByEmail } from "../account/account-store.ts";
import { accountLabel } from "../account/email-address.ts";
import { mergeAppMetadata, mergeUserMetadata } from "../account/metadata.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { findSession } from "../session/session-store.ts";
import {
  addIdentity,
  findByIdentity,
  insertProvidedAccount,
  noteSignIn,
  removeUnusedSignUp,
} from "./identity-store.ts";
import type { UpstreamIdentity } from "./upstream-identity.ts";

/** How often a sign-in looks again after another one was first. */
const roundsMax = 3;

/** The account of the identity, found, joined or made. @throws IdentityError identity_already_exists, email_exists, signup_disabled, conflict */
export async function settleIdentity(
  context: IdentityContext,
  caller: Caller,
  identity: UpstreamIdentity,
): Promise<Account> {
  for (let round = 0; round < roundsMax; round += 1) {
    const known = await knownAccount(context, caller, identity);
    if (known !== null) return known;
    const account = await newcomer(context, caller, identity);
    if (account !== null) return account;
  }
  throw new IdentityError("conflict");
}

async function knownAccount(
  context: IdentityContext,
  caller: Caller,
  identity: UpstreamIdentity,
): Promise<Account | null> {
  const known = await findByIdentity(context.database, identity);
  if (known === null) return null;
  if (known.identityData.iss !== identity.issuer) {
    // The policy gave the name to another issuer: its people are other people, whatever they are called.
    emitEvent(context, caller, "provider.refused", {
      subject: known.account.id,
      reason: "issuer-changed",
      detail: { provider: identity.provider },
    });
    throw new IdentityError("identity_already_exists");
  }
  if (known.account.deletedAt !== null) throw new IdentityError("user_not_found", { status: 403 });
  await noteSignIn(context.database, identity, context.now());
  return known.account;
}

/** Null when somebody else was faster: the caller looks again. */
async function newcomer(context: IdentityContext, caller: Caller, identity: UpstreamIdentity): Promise<Account | null> {
  const { database, rules, policy } = context;
  const existing = identity.email === null ? null : await findAccountByEmail(database, identity.email);
  const decided = rules.linking({
    kind: identity.kind,
    email: identity.email,
    isVerified: identity.isEmailVerified,
    isTrusted: context.providers.get(identity.provider)?.policy.trustEmail === true,
    existing:
      existing === null
        ? null
        : {
            isConfirmed: existing.emailConfirmedAt !== null,
            isUnused:
              existing.lastSignInAt === null &&
              existing.appMetadata.roles.every((role) => policy.identity.defaultRoles.includes(role)),
          },
  });
  switch (decided) {
    case "link":
      return existing === null ? null : await join(context, caller, existing, identity, "verified-address");
    case "refuse":
      emitEvent(context, caller, "provider.refused", {
        ...(existing === null ? {} : { subject: existing.id }),
        reason: "address-taken",
        detail: { provider: identity.provider },
      });
      throw new IdentityError("email_exists", {
        message: "An account with this address exists; sign in to it and link the provider there",
      });
    case "replace":
      if (existing !== null) await removeUnusedSignUp(database, existing.id);
      return await create(context, caller, identity, identity.email ?? "");
    case "create":
      return await create(context, caller, identity, identity.email ?? "");
    case "create-without-address":
      return await create(context, caller, identity, "");
  }
}

async function create(
  context: IdentityContext,
  caller: Caller,
  identity: UpstreamIdentity,
  email: string,
): Promise<Account | null> {
  const { policy, database } = context;
  const detail = { provider: identity.provider, ...(email === "" ? {} : { account: accountLabel(email) }) };
  if (policy.identity.signUp === "closed") {
    emitEvent(context, caller, "account.refused", { reason: "sign-up-closed", detail });
    throw new IdentityError("signup_disabled");
  }
  const id = randomUUID();
  const roles = policy.identity.defaultRoles;
  const account = {
    id,
    email,
    appMetadata: mergeAppMetadata(context, {}, { roles }),
    userMetadata: mergeUserMetadata({}, identity.data),
  };
  if (!(await insertProvidedAccount(database, account, identity, context.now()))) return null;
  emitEvent(context, caller, "account.created", { subject: id, reason: "provider", detail });
  return await findAccount(database, id);
}

async function join(
  context: IdentityContext,
  caller: Caller,
  account: Account,
  identity: UpstreamIdentity,
  reason: "verified-address" | "own",
): Promise<Account | null> {
  if (!(await addIdentity(context.database, account.id, identity, context.now(), context.rules.takesLinkedIdentity())))
    return null;
  emitEvent(context, caller, "identity.linked", {
    subject: account.id,
    reason,
    detail: { provider: identity.provider },
  });
  const joined = await findAccount(context.database, account.id);
  if (joined !== null) postNotice(context, caller, joined, "identity-linked");
  return joined;
}

/**
 * Links an identity to the account of somebody who asked for it, in a session that still lives: the proof is for this provider
 * and this subject, and nothing else (CVE-2026-9087).
 * @throws IdentityError identity_already_exists, session_not_found, manual_linking_disabled
 */
export async function linkIdentity(
  context: IdentityContext,
  caller: Caller,
  link: { readonly userId: string; readonly sessionId: string },
  identity: UpstreamIdentity,
): Promise<Account> {
  if (!context.policy.identity.linking) throw new IdentityError("manual_linking_disabled");
  const found = await findSession(context.database, link.sessionId);
  if (found === null || found.account.id !== link.userId || found.account.deletedAt !== null) {
    throw new IdentityError("session_not_found");
  }
  const joined = await join(context, caller, found.account, identity, "own");
  if (joined !== null) return joined;
  emitEvent(context, caller, "provider.refused", {
    subject: link.userId,
    sessionId: link.sessionId,
    reason: "identity-taken",
    detail: { provider: identity.provider },
  });
  throw new IdentityError("identity_already_exists");
}
