// People with passkeys and security keys, for tests.

import { type Lies, SoftwareAuthenticator } from "./software-authenticator.ts";
import type { Answer, Person, TestIdentity } from "./start-identity.ts";
import { testPolicy } from "./start-identity.ts";

export interface PasskeyPerson extends Person {
  readonly authenticator: SoftwareAuthenticator;
  readonly passkeyId: string;
}

export const newAuthenticator = (counts = true): SoftwareAuthenticator =>
  new SoftwareAuthenticator(testPolicy.application.origin, { counts });

/** Registers a passkey; the answer of the second call. */
export async function addPasskey(
  room: TestIdentity,
  token: string,
  authenticator: SoftwareAuthenticator,
  lies: Lies = {},
  url = room.url,
): Promise<Answer> {
  const begun = await room.call("POST", "/passkeys/registration/options", { token, body: {} }, url);
  if (begun.status !== 200) return begun;
  const body = { challenge_id: begun.body.challenge_id, credential: authenticator.create(begun.body.options, lies) };
  return await room.call("POST", "/passkeys/registration/verify", { token, body }, url);
}

export async function passkeyPerson(room: TestIdentity, roles?: readonly string[]): Promise<PasskeyPerson> {
  const person = await room.person(roles);
  const authenticator = newAuthenticator();
  const added = await addPasskey(room, person.accessToken, authenticator);
  if (added.status !== 200) throw new Error(JSON.stringify(added.body));
  return { ...person, authenticator, passkeyId: added.body.id };
}

/** Signs in with a passkey; the answer of the second call. */
export async function signInWithPasskey(
  room: TestIdentity,
  authenticator: SoftwareAuthenticator,
  lies: Lies = {},
  url = room.url,
): Promise<Answer> {
  const begun = await room.call("POST", "/passkeys/authentication/options", { body: {} }, url);
  const body = { challenge_id: begun.body.challenge_id, credential: authenticator.get(begun.body.options, lies) };
  return await room.call("POST", "/passkeys/authentication/verify", { body }, url);
}

/** Passes a security key's challenge, the first of which enrols it. */
export async function proveKey(
  room: TestIdentity,
  token: string,
  factorId: string,
  authenticator: SoftwareAuthenticator,
  lies: Lies = {},
  url = room.url,
): Promise<Answer> {
  const begun = await room.call("POST", `/factors/${factorId}/challenge`, { token, body: {} }, url);
  if (begun.status !== 200) return begun;
  const { type, credential_options: options } = begun.body.webauthn;
  const signed =
    type === "create" ? authenticator.create(options.publicKey, lies) : authenticator.get(options.publicKey, lies);
  const body = { challenge_id: begun.body.id, webauthn: { type, credential_response: signed } };
  return await room.call("POST", `/factors/${factorId}/verify`, { token, body }, url);
}

export async function enrolKey(room: TestIdentity, token: string, name = "key"): Promise<string> {
  const body = { factor_type: "webauthn", friendly_name: name };
  return (await room.call("POST", "/factors", { token, body })).body.id;
}

/** Somebody whose second factor is a security key, in a session at aal2. */
export async function keyPerson(room: TestIdentity) {
  const person = await room.person();
  const authenticator = newAuthenticator();
  const factorId = await enrolKey(room, person.accessToken);
  const lifted = await proveKey(room, person.accessToken, factorId, authenticator);
  if (lifted.status !== 200) throw new Error(JSON.stringify(lifted.body));
  return { ...person, authenticator, factorId, accessToken: lifted.body.access_token as string };
}
