// The two WebAuthn ceremonies (W3C WebAuthn Level 3 §7.1, §7.2). Where they must have happened comes from the policy, and what the
// browser says is compared with it. Attestation is not asked for and never followed: no certificate, no network.
import { createHash } from "node:crypto";
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { decodeAttestationObject, parseAuthenticatorData } from "@simplewebauthn/server/helpers";
import type { IdentityContext } from "../identity-context.ts";
import type { RelyingParty } from "../rules.ts";
import { challengeSeconds } from "./challenge.ts";
import type { Credential, NewCredential } from "./credential-store.ts";
import type { AssertionResponse, ClientData, CreationResponse } from "./response.ts";

export type CredentialUse = "passkey" | "factor";

/** Why a ceremony does not count; a word for the event, the client gets one code for all of them. */
export type CeremonyRefusal =
  | "wrong-ceremony"
  | "wrong-origin"
  | "cross-origin"
  | "wrong-relying-party"
  | "user-not-verified"
  | "attestation-refused"
  | "wrong-signature"
  | "malformed";

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: CeremonyRefusal };

/** EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257];
const millisecondsPerSecond = 1000;
const timeout = challengeSeconds * millisecondsPerSecond;

const refuse = (reason: CeremonyRefusal) => ({ ok: false, reason }) as const;
const bytes = (base64url: string) => new Uint8Array(Buffer.from(base64url, "base64url"));

const ownParty = ({ rules, policy }: IdentityContext): RelyingParty =>
  rules.relyingParty(policy.application.origin, policy.application.origin);

export interface CreationRequest {
  readonly use: CredentialUse;
  readonly challenge: string;
  /** UUID: what an authenticator knows the credential's owner by. */
  readonly handle: string;
  readonly userName: string;
  readonly exclude: readonly { readonly id: string; readonly transports: string[] }[];
}

export const userHandleOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll("-", ""), "hex");

/** What `navigator.credentials.create()` gets. */
export async function creationOptions(context: IdentityContext, request: CreationRequest) {
  return await generateRegistrationOptions({
    rpName: context.policy.application.name,
    rpID: ownParty(context).ids[0] ?? "",
    userID: new Uint8Array(userHandleOf(request.handle)),
    userName: request.userName,
    userDisplayName: request.userName,
    challenge: bytes(request.challenge),
    timeout,
    attestationType: "none",
    excludeCredentials: [...request.exclude],
    supportedAlgorithmIDs: algorithms,
    authenticatorSelection: {
      residentKey: request.use === "passkey" ? "required" : "discouraged",
      userVerification: context.rules.requiresUserVerification(request.use) ? "required" : "preferred",
    },
  });
}

export interface AssertionRequest {
  readonly use: CredentialUse;
  readonly challenge: string;
  /** None: whichever passkey the person chooses. */
  readonly allow: readonly { readonly id: string; readonly transports: string[] }[];
}

/** What `navigator.credentials.get()` gets. */
export async function assertionOptions(context: IdentityContext, request: AssertionRequest) {
  return await generateAuthenticationOptions({
    rpID: ownParty(context).ids[0] ?? "",
    challenge: bytes(request.challenge),
    timeout,
    userVerification: context.rules.requiresUserVerification(request.use) ? "required" : "preferred",
    allowCredentials: [...request.allow],
  });
}

/** A new credential, or why there is none. The challenge in `client` was spent before. */
export async function verifyCreation(
  context: IdentityContext,
  use: CredentialUse,
  given: CreationResponse,
  client: ClientData,
): Promise<Outcome<NewCredential>> {
  const party = context.rules.relyingParty(context.policy.application.origin, client.origin);
  const wrong = misplaced(client, "webauthn.create", party);
  if (wrong !== null) return refuse(wrong);
  try {
    const attestation = decodeAttestationObject(bytes(given.response.attestationObject));
    const unverified = unacceptable(context, use, attestation.get("authData"), party);
    if (unverified !== null) return refuse(unverified);
    // "none", or signed by the new key itself: everything else would have us follow certificates that strangers send.
    const isPlain = attestation.get("fmt") === "none";
    const isOwn = attestation.get("fmt") === "packed" && attestation.get("attStmt").get("x5c") === undefined;
    if (!isPlain && !isOwn) return refuse("attestation-refused");
    const verification = await verifyRegistrationResponse({
      response: { ...given, clientExtensionResults: {} } as unknown as RegistrationResponseJSON,
      expectedChallenge: client.challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: [...party.ids],
      requireUserVerification: context.rules.requiresUserVerification(use),
      supportedAlgorithmIDs: algorithms,
    });
    if (!verification.verified) return refuse("wrong-signature");
    const { credential, aaguid, credentialDeviceType, credentialBackedUp } = verification.registrationInfo;
    if (credential.id !== given.id) return refuse("malformed");
    return {
      ok: true,
      value: {
        credentialId: Buffer.from(credential.id, "base64url"),
        publicKey: Buffer.from(credential.publicKey),
        signCount: credential.counter,
        transports: given.response.transports ?? [],
        aaguid,
        backupEligible: credentialDeviceType === "multiDevice",
        backedUp: credentialBackedUp,
      },
    };
  } catch {
    // The library throws for whatever it cannot read: input of a stranger, refused with one word.
    return refuse("malformed");
  }
}

export interface Assertion {
  readonly signCount: number;
  readonly backedUp: boolean;
}

/** What the credential's authenticator said, or why it does not count. The challenge in `client` was spent before. */
export async function verifyAssertion(
  context: IdentityContext,
  use: CredentialUse,
  given: AssertionResponse,
  client: ClientData,
  credential: Credential,
): Promise<Outcome<Assertion>> {
  const party = context.rules.relyingParty(context.policy.application.origin, client.origin);
  const wrong = misplaced(client, "webauthn.get", party);
  if (wrong !== null) return refuse(wrong);
  try {
    const unverified = unacceptable(context, use, bytes(given.response.authenticatorData), party);
    if (unverified !== null) return refuse(unverified);
    const { userHandle: _, ...response } = given.response;
    const verification = await verifyAuthenticationResponse({
      response: { ...given, type: "public-key", response, clientExtensionResults: {} },
      expectedChallenge: client.challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: [...party.ids],
      requireUserVerification: context.rules.requiresUserVerification(use),
      // The counter is compared in the statement that moves it on, where two assertions cannot both win.
      credential: { id: given.id, publicKey: new Uint8Array(credential.publicKey), counter: 0 },
    });
    if (!verification.verified) return refuse("wrong-signature");
    const { newCounter, credentialBackedUp } = verification.authenticationInfo;
    return { ok: true, value: { signCount: newCounter, backedUp: credentialBackedUp } };
  } catch {
    // The library throws for whatever it cannot read: input of a stranger, refused with one word.
    return refuse("malformed");
  }
}

/** What is wrong with where and how the browser did it, or null. */
function misplaced(client: ClientData, type: string, { origins }: RelyingParty): CeremonyRefusal | null {
  if (client.type !== type) return "wrong-ceremony";
  // We never let ourselves be framed, so no ceremony of ours happens in a frame.
  if (client.crossOrigin) return "cross-origin";
  return origins.includes(client.origin) ? null : "wrong-origin";
}

function unacceptable(
  context: IdentityContext,
  use: CredentialUse,
  authenticatorData: Uint8Array<ArrayBuffer>,
  { ids }: RelyingParty,
): CeremonyRefusal | null {
  const { rpIdHash, flags } = parseAuthenticatorData(authenticatorData);
  if (!ids.some((id) => createHash("sha256").update(id).digest().equals(rpIdHash))) return "wrong-relying-party";
  return flags.uv || !context.rules.requiresUserVerification(use) ? null : "user-not-verified";
}
