// Passkeys and security keys of the people of a run. Sign-ins bear a token, so that they are counted apart from the address.
import { randomUUID } from "node:crypto";
import { type Account, errorWord, type Session } from "./accounts.ts";
import type { Answer } from "./edge-client.ts";
import type { ProbeSession } from "./session.ts";
import { type CeremonyOptions, type Lies, SoftwareAuthenticator } from "./software-authenticator.ts";

export interface Asking {
  readonly challengeId: string;
  readonly options: CeremonyOptions;
}

const post = (session: ProbeSession, person: Session, path: string, body: unknown): Promise<Answer> =>
  session.ask({ method: "POST", path: `/auth/v1${path}`, bearer: person.accessToken, body });

async function begin(session: ProbeSession, person: Session, ceremony: string): Promise<Asking> {
  const answer = await post(session, person, `/passkeys/${ceremony}/options`, {});
  session.require(answer.status === 200, `a challenge for a passkey is given (${answer.status} ${errorWord(answer)})`);
  const { challenge_id: challengeId, options } = answer.json as { challenge_id: string; options: CeremonyOptions };
  return { challengeId, options };
}

/** An account with one passkey. @throws ProbeError `probes/positive-failed` */
export async function victimWithPasskey(
  session: ProbeSession,
  counts = true,
): Promise<{ readonly person: Account; readonly authenticator: SoftwareAuthenticator }> {
  const person = await session.victim();
  const authenticator = new SoftwareAuthenticator(session.target.origin, counts);
  const { challengeId, options } = await begin(session, person, "registration");
  const body = { challenge_id: challengeId, credential: authenticator.create(options) };
  const added = await post(session, person, "/passkeys/registration/verify", body);
  session.require(added.status === 200, `a passkey is added (${added.status} ${errorWord(added)})`);
  return { person, authenticator };
}

export const askForPasskey = (session: ProbeSession, person: Session): Promise<Asking> =>
  begin(session, person, "authentication");

export const sendAssertion = (
  session: ProbeSession,
  person: Session,
  { challengeId }: Asking,
  credential: object,
): Promise<Answer> =>
  post(session, person, "/passkeys/authentication/verify", { challenge_id: challengeId, credential });

/** Signs in with the passkey, honestly or not. */
export async function passPasskey(
  session: ProbeSession,
  person: Session,
  authenticator: SoftwareAuthenticator,
  lies: Lies = {},
): Promise<Answer> {
  const asking = await askForPasskey(session, person);
  return await sendAssertion(session, person, asking, authenticator.get(asking.options, lies));
}

/** Writes down a sign-in that must have been refused. */
export function judgeRefusal(session: ProbeSession, request: string, answer: Answer): void {
  session.judge({
    request,
    expected: "refused with 400, event signin.failed",
    got: `${answer.status} ${answer.status < 400 ? "signed in" : errorWord(answer)}`,
    held: answer.status === 400,
    event: { name: "signin.failed", correlation: answer.correlation },
  });
}

/** Starts the enrolment of a security key. @throws ProbeError `probes/positive-failed` */
export async function enrolKey(session: ProbeSession, person: Session): Promise<string> {
  const body = { factor_type: "webauthn", friendly_name: `probe-${randomUUID().slice(0, 8)}` };
  const answer = await post(session, person, "/factors", body);
  session.require(answer.status === 200, `a security key can be enrolled (${answer.status} ${errorWord(answer)})`);
  return (answer.json as { id: string }).id;
}

/** Answers the key's challenge with an authenticator, whoever's it is. */
export async function proveKey(
  session: ProbeSession,
  person: Session,
  factorId: string,
  authenticator: SoftwareAuthenticator,
): Promise<Answer> {
  const asked = await post(session, person, `/factors/${factorId}/challenge`, {});
  session.require(asked.status === 200, `a security key is asked for (${asked.status} ${errorWord(asked)})`);
  const { id, webauthn } = asked.json as {
    id: string;
    webauthn: { type: "create" | "request"; credential_options: { publicKey: CeremonyOptions } };
  };
  const { publicKey } = webauthn.credential_options;
  const signed = webauthn.type === "create" ? authenticator.create(publicKey) : authenticator.get(publicKey);
  const body = { challenge_id: id, webauthn: { type: webauthn.type, credential_response: signed } };
  return await post(session, person, `/factors/${factorId}/verify`, body);
}
