// A new passkey: it signs in by itself, so adding one asks for what it will stand for.
import { randomUUID } from "node:crypto";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { postNotice } from "../message/notice.ts";
import { type Authenticated, requireFreshProof } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { requirePermanent } from "../request/require-permanent.ts";
import { creationOptions, verifyCreation } from "../webauthn/ceremony.ts";
import { type Ceremony, issueChallenge, spendChallenge } from "../webauthn/challenge.ts";
import { credentialsOf, insertCredential, passkeysMax } from "../webauthn/credential-store.ts";
import { type CreationResponse, readClientData } from "../webauthn/response.ts";
import { passkeyJson } from "./manage-passkeys.ts";

const nameUsual = "Passkey";

const ceremonyOf = ({ session }: Authenticated): Ceremony => ({
  purpose: "passkey-registration",
  subject: session.id,
});

function requireMayAdd(context: IdentityContext, caller: Caller, who: Authenticated): void {
  requirePermanent(context, caller, who);
  requireFreshProof(context, caller, who);
}

/** @throws IdentityError no_authorization, insufficient_aal, reauthentication_needed, too_many_passkeys */
export async function beginRegistration(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
): Promise<Record<string, unknown>> {
  requireMayAdd(context, caller, who);
  const { account } = who;
  if (account.passkeys.length >= passkeysMax) throw new IdentityError("too_many_passkeys");
  const issued = await issueChallenge(context, ceremonyOf(who), account.id);
  const options = await creationOptions(context, {
    use: "passkey",
    challenge: issued.challenge,
    handle: account.id,
    userName: account.email === "" ? account.phone : account.email,
    exclude: await credentialsOf(context.database, { userId: account.id, factorId: null }),
  });
  return { challenge_id: issued.id, options, expires_at: issued.expiresAt };
}

/**
 * @throws IdentityError no_authorization, insufficient_aal, reauthentication_needed, too_many_passkeys,
 * webauthn_challenge_not_found, webauthn_challenge_expired, webauthn_verification_failed, webauthn_credential_exists
 */
export async function finishRegistration(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  given: { readonly challengeId: string; readonly credential: CreationResponse },
): Promise<Record<string, unknown>> {
  requireMayAdd(context, caller, who);
  const { account, session } = who;
  const facts = { subject: account.id, sessionId: session.id };
  const refuse = (reason: string, error: IdentityError) => {
    emitEvent(context, caller, "passkey.refused", { ...facts, reason });
    return error;
  };
  const client = readClientData(given.credential.response.clientDataJSON);
  if (client === null) throw refuse("malformed", new IdentityError("webauthn_verification_failed"));
  const named = { id: given.challengeId, challenge: client.challenge };
  const state = await spendChallenge(context, ceremonyOf(who), named);
  if (state === "expired") throw refuse("challenge-expired", new IdentityError("webauthn_challenge_expired"));
  if (state === "unknown") throw refuse("challenge-unknown", new IdentityError("webauthn_challenge_not_found"));
  const made = await verifyCreation(context, "passkey", given.credential, client);
  if (!made.ok) throw refuse(made.reason, new IdentityError("webauthn_verification_failed"));
  const id = randomUUID();
  const now = context.now();
  const added = { id, friendlyName: nameUsual, ...made.value };
  const stored = await insertCredential(context.database, { userId: account.id, factorId: null }, added, now);
  if (stored === "exists") throw refuse("credential-exists", new IdentityError("webauthn_credential_exists"));
  if (stored === "too-many") throw refuse("too-many", new IdentityError("too_many_passkeys"));
  emitEvent(context, caller, "passkey.added", { ...facts, detail: { passkey: id, synced: made.value.backupEligible } });
  postNotice(context, caller, account, "passkey-added");
  return passkeyJson({ id, friendlyName: nameUsual, createdAt: now, lastUsedAt: null });
}
