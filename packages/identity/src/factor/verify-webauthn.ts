// A security key as a second factor: its first signature enrols it, each later one lifts a session to aal2.
import { randomUUID } from "node:crypto";
import type { Factor } from "../account/account.ts";
import { IdentityError } from "../error/identity-error.ts";
import type { IdentityContext } from "../identity-context.ts";
import { beginAttempt } from "../limit/attempts.ts";
import { postNotice } from "../message/notice.ts";
import type { Authenticated } from "../request/authenticate.ts";
import { type Caller, emitEvent } from "../request/caller.ts";
import { isOffered } from "../session/assurance.ts";
import type { SessionAnswer } from "../session/session-answer.ts";
import { assertionOptions, creationOptions, verifyAssertion, verifyCreation } from "../webauthn/ceremony.ts";
import { type Ceremony, issueChallenge, spendChallenge } from "../webauthn/challenge.ts";
import { credentialsOf, findCredential, insertCredential, useCredential } from "../webauthn/credential-store.ts";
import { type AssertionResponse, type CreationResponse, readClientData } from "../webauthn/response.ts";
import { noteChallenge } from "./factor-store.ts";
import { liftSession } from "./lift-session.ts";

export type KeyResponse =
  | { readonly type: "create"; readonly response: CreationResponse }
  | { readonly type: "request"; readonly response: AssertionResponse };

const ceremonyOf = ({ session }: Authenticated, factor: Factor): Ceremony => ({
  purpose: factor.status === "unverified" ? "factor-registration" : "factor-authentication",
  subject: `${session.id} ${factor.id}`,
});

/** Auth-js's answer to a challenge. @throws IdentityError mfa_webauthn_verify_not_enabled */
export async function challengeKey(
  context: IdentityContext,
  who: Authenticated,
  factor: Factor,
): Promise<Record<string, unknown>> {
  if (!isOffered(context.policy, "webauthn")) throw new IdentityError("mfa_webauthn_verify_not_enabled");
  const { account } = who;
  await noteChallenge(context.database, factor.id, context.now());
  const issued = await issueChallenge(context, ceremonyOf(who, factor), account.id);
  const { challenge } = issued;
  const answer = (webauthn: object) => ({ id: issued.id, type: "webauthn", expires_at: issued.expiresAt, webauthn });
  if (factor.status === "unverified") {
    // The authenticator knows the factor, not the account: a key that is a passkey too keeps both.
    const request = { use: "factor", challenge, handle: factor.id, userName: account.email, exclude: [] } as const;
    return answer({ type: "create", credential_options: { publicKey: await creationOptions(context, request) } });
  }
  const allow = await credentialsOf(context.database, { userId: account.id, factorId: factor.id });
  const publicKey = await assertionOptions(context, { use: "factor", challenge, allow });
  return answer({ type: "request", credential_options: { publicKey } });
}

/** @throws IdentityError over_request_rate_limit, mfa_challenge_expired, mfa_verification_failed, webauthn_credential_exists */
export async function verifyKey(
  context: IdentityContext,
  caller: Caller,
  who: Authenticated,
  factor: Factor,
  given: { readonly challengeId: string; readonly key: KeyResponse },
): Promise<SessionAnswer> {
  if (!isOffered(context.policy, "webauthn")) throw new IdentityError("mfa_webauthn_verify_not_enabled");
  const { account } = who;
  const { key } = given;
  const isFirst = factor.status === "unverified";
  if ((key.type === "create") !== isFirst) {
    throw new IdentityError("validation_failed", { message: "webauthn.type is not what the challenge asked for" });
  }
  const attempt = await beginAttempt(context, caller, { kind: "factor", userId: account.id });
  const facts = { subject: account.id, sessionId: who.session.id, detail: { factor: factor.id, first: isFirst } };
  const client = readClientData(key.response.response.clientDataJSON);
  const refusal =
    client === null ? "malformed" : await proveKey(context, who, factor, { ...given, challenge: client.challenge });
  if (refusal !== null) {
    emitEvent(context, caller, "factor.failed", { ...facts, reason: refusal });
    throw refusalOf(refusal);
  }
  const answer = await liftSession(context, caller, who, { factorId: factor.id, method: "mfa/webauthn", isFirst });
  await attempt.succeed();
  emitEvent(context, caller, "factor.verified", { ...facts, reason: "webauthn" });
  if (isFirst) postNotice(context, caller, account, "factor-added");
  return answer;
}

function refusalOf(reason: string): IdentityError {
  if (reason === "challenge-expired") return new IdentityError("mfa_challenge_expired");
  if (reason === "credential-exists") return new IdentityError("webauthn_credential_exists");
  return new IdentityError("mfa_verification_failed", { message: "Invalid WebAuthn credential" });
}

interface GivenKey {
  readonly challengeId: string;
  readonly challenge: string;
  readonly key: KeyResponse;
}

/** Spends the challenge and judges what was signed; null when it counts, otherwise why not. */
async function proveKey(
  context: IdentityContext,
  who: Authenticated,
  factor: Factor,
  { challengeId, challenge, key }: GivenKey,
): Promise<string | null> {
  const named = { id: challengeId, challenge };
  if ((await spendChallenge(context, ceremonyOf(who, factor), named)) !== "spent") return "challenge-expired";
  return key.type === "create"
    ? await addKey(context, who, factor, key.response)
    : await useKey(context, who, factor, key.response);
}

async function addKey(
  context: IdentityContext,
  { account }: Authenticated,
  factor: Factor,
  response: CreationResponse,
): Promise<string | null> {
  const client = readClientData(response.response.clientDataJSON);
  if (client === null) return "malformed";
  const made = await verifyCreation(context, "factor", response, client);
  if (!made.ok) return made.reason;
  const added = { id: randomUUID(), friendlyName: factor.friendlyName.slice(0, 120), ...made.value };
  const owner = { userId: account.id, factorId: factor.id };
  const stored = await insertCredential(context.database, owner, added, context.now());
  return stored === "added" ? null : "credential-exists";
}

async function useKey(
  context: IdentityContext,
  { account }: Authenticated,
  factor: Factor,
  response: AssertionResponse,
): Promise<string | null> {
  const client = readClientData(response.response.clientDataJSON);
  if (client === null) return "malformed";
  const credential = await findCredential(context.database, Buffer.from(response.id, "base64url"));
  const expected = { userId: account.id, factorId: factor.id };
  if (credential === null || !context.rules.ownsCredential(credential, expected)) return "foreign-credential";
  const signed = await verifyAssertion(context, "factor", response, client, credential);
  if (!signed.ok) return signed.reason;
  const bound = context.rules.signCountBound(signed.value.signCount);
  const used = { id: credential.id, bound, ...signed.value };
  return (await useCredential(context.database, used, context.now())) ? null : "counter-regressed";
}
