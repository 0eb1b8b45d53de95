// The passkeys of an account: names, and taking one away.
import { requireAccount } from "../account/administer-account.ts";
import { IdentityError } from "../error/identity-error.ts";
import { removeLeftAloneCodes } from "../factor/recovery-code-store.ts";
import { settleRemoval } from "../factor/settle-removal.ts";
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { type Actor, actorFacts } from "../role/actor.ts";
import { requireMayReset } from "../role/privilege.ts";
import { endAccountSessions } from "../session/end-sessions.ts";
import { deletePasskey, listPasskeys, type Passkey, renamePasskey } from "../webauthn/credential-store.ts";

const moment = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** A passkey as auth-js reads it. */
export const passkeyJson = ({ id, friendlyName, createdAt, lastUsedAt }: Passkey) => ({
  id,
  friendly_name: friendlyName,
  created_at: moment(createdAt),
  ...(lastUsedAt === null ? {} : { last_used_at: moment(lastUsedAt) }),
});

export async function passkeysOf({ database }: IdentityContext, userId: string): Promise<readonly object[]> {
  return (await listPasskeys(database, userId)).map(passkeyJson);
}

/** @throws IdentityError webauthn_credential_not_found */
export async function renameOwnPasskey(
  context: IdentityContext,
  caller: Caller,
  { account, session }: Authenticated,
  { id, friendlyName }: Pick<Passkey, "id" | "friendlyName">,
): Promise<object> {
  const renamed = await renamePasskey(context.database, account.id, id, friendlyName, context.now());
  if (renamed === null) throw new IdentityError("webauthn_credential_not_found");
  emitEvent(context, caller, "passkey.renamed", {
    subject: account.id,
    sessionId: session.id,
    detail: { passkey: id },
  });
  return passkeyJson(renamed);
}

/**
 * True when the session ended with the passkey that it had proven.
 * @throws IdentityError insufficient_aal, reauthentication_needed, webauthn_credential_not_found
 */
export async function removeOwnPasskey(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  id: string,
): Promise<boolean> {
  const { account, session } = who;
  requireFreshProof(context, caller, who);
  if (!(await deletePasskey(context.database, account.id, id))) {
    throw new IdentityError("webauthn_credential_not_found");
  }
  const facts = { subject: account.id, sessionId: session.id, detail: { passkey: id } };
  emitEvent(context, caller, "passkey.removed", { ...facts, reason: "own" });
  postNotice(context, caller, account, "passkey-removed");
  return await settleRemoval(context, caller, who);
}

/** By an administrator: the person has to sign in again everywhere. @throws IdentityError user_not_found, privileged_account, webauthn_credential_not_found */
export async function removePasskeyOf(
  context: IdentityContext,
  caller: Caller,
  actor: Actor,
  userId: string,
  id: string,
): Promise<void> {
  const account = await requireAccount(context, userId);
  requireMayReset(context, caller, actor, account);
  if (!(await deletePasskey(context.database, userId, id))) throw new IdentityError("webauthn_credential_not_found");
  emitEvent(context, caller, "passkey.removed", { subject: userId, ...actorFacts(actor), detail: { passkey: id } });
  await removeLeftAloneCodes(context, caller, userId);
  postNotice(context, caller, account, "passkey-removed");
  await endAccountSessions(context, caller, userId, { kind: "all" }, "factor-changed");
}
