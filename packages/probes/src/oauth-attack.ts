// What checks of the OAuth 2.1 server share: a client of the run's own, somebody's consent, and the token endpoint.
import { createHash, randomBytes } from "node:crypto";
import type { Account } from "./accounts.ts";
import type { Answer } from "./edge-client.ts";
import { ProbeError } from "./probe-error.ts";
import type { ProbeSession } from "./session.ts";

export const REDIRECT_URI = "https://client.probe.invalid/back";
export const AUTHORIZE = "/auth/v1/oauth/authorize";
const TOKEN = "/auth/v1/oauth/token";
const CLIENTS = "/auth/v1/admin/oauth/clients";
const FORM = "application/x-www-form-urlencoded";
const VERIFIER_BYTES = 32;
const CREATED = 201;
const FOUND = 302;
const OK = 200;

export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function makePkce(): Pkce {
  const verifier = randomBytes(VERIFIER_BYTES).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** A client that is removed with the check. @throws ProbeError `probes/nothing-to-attack` where the server is off */
export async function openClient(session: ProbeSession): Promise<OAuthClient> {
  if (!session.policy.identity.oauthServer.on) {
    throw new ProbeError(
      "probes/nothing-to-attack",
      "The policy's OAuth server is off.",
      "Turn identity.oauthServer on, if other applications shall sign people in here.",
    );
  }
  const bearer = session.target.serviceKey;
  const made = await session.positive(
    "an administrator makes a client",
    { method: "POST", path: CLIENTS, bearer, body: { client_name: "Probe", redirect_uris: [REDIRECT_URI] } },
    CREATED,
  );
  const { client_id: id = "", client_secret: secret = "" } = made.json as {
    client_id?: string;
    client_secret?: string;
  };
  session.redaction.hide(secret, "client-secret");
  session.afterwards(async () => {
    await session.ask({ method: "DELETE", path: `${CLIENTS}/${id}`, bearer });
  });
  return { id, secret };
}

export type Parameters = Readonly<Record<string, string | undefined>>;

const present = (parameters: Parameters): Record<string, string> =>
  Object.fromEntries(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** The path of a request for consent, with parameters changed or, where undefined, left out. */
export function authorizePath(client: OAuthClient, pkce: Pkce, more: Parameters = {}): string {
  const usual = {
    client_id: client.id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    scope: "openid email",
    state: "probe",
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  };
  return `${AUTHORIZE}?${new URLSearchParams(present({ ...usual, ...more }))}`;
}

const locationOf = (answer: Answer): URL | null => URL.parse(String(answer.headers.location ?? ""));

/** Does the answer lead to the page where somebody is asked? */
export const asksForConsent = (answer: Answer): boolean =>
  answer.status === FOUND && locationOf(answer)?.searchParams.has("authorization_id") === true;

/** Where the answer leads, for the book. */
export const leadsTo = (answer: Answer): string => {
  const location = locationOf(answer);
  if (location === null) return `${answer.status}, no Location`;
  return `${answer.status} to ${location.origin}${location.pathname}, error ${location.searchParams.get("error") ?? "none"}`;
};

/** A code for the client, as the person's consent gives it. */
export async function consentedCode(
  session: ProbeSession,
  client: OAuthClient,
  person: Account,
  pkce: Pkce,
  more: Parameters = {},
): Promise<string> {
  const asked = await session.positive(
    "a client may ask for consent",
    { method: "GET", path: authorizePath(client, pkce, more) },
    FOUND,
  );
  session.require(asksForConsent(asked), "the browser is led to the consent page");
  const id = locationOf(asked)?.searchParams.get("authorization_id") ?? "";
  const path = `/auth/v1/oauth/authorizations/${id}`;
  // Where the client was granted all of it before, the description itself leads back.
  const described = await session.positive(
    "a person sees who asks",
    { method: "GET", path, bearer: person.accessToken },
    OK,
  );
  const known = (described.json as { redirect_url?: string }).redirect_url;
  const approved =
    known === undefined
      ? await session.positive(
          "a person may consent",
          { method: "POST", path: `${path}/consent`, bearer: person.accessToken, body: { action: "approve" } },
          OK,
        )
      : described;
  const back = URL.parse((approved.json as { redirect_url?: string }).redirect_url ?? "");
  const code = back?.searchParams.get("code") ?? "";
  session.require(code !== "", "consent gives the client a code");
  session.redaction.hide(code, "authorization-code");
  return code;
}

/** Asks the token endpoint, by form and with the client's own secret. */
export async function askForTokens(session: ProbeSession, client: OAuthClient, fields: Parameters): Promise<Answer> {
  const basic = Buffer.from(`${client.id}:${client.secret}`).toString("base64");
  session.redaction.hide(basic, "client-secret");
  const answer = await session.ask({
    method: "POST",
    path: TOKEN,
    headers: { "content-type": FORM, authorization: `Basic ${basic}` },
    body: new URLSearchParams(present(fields)).toString(),
  });
  for (const name of ["access_token", "refresh_token", "id_token"]) {
    const token = (answer.json as Record<string, unknown> | undefined)?.[name];
    if (typeof token === "string") session.redaction.hide(token, name.replace("_", "-"));
  }
  return answer;
}

export const redeem = (session: ProbeSession, client: OAuthClient, code: string, pkce: Pkce, more: Parameters = {}) =>
  askForTokens(session, client, {
    grant_type: "authorization_code",
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: pkce.verifier,
    ...more,
  });

export interface ClientTokens {
  readonly access: string;
  readonly refresh: string;
}

/** What a client is given for a code. @throws ProbeError when it is given nothing */
export function tokensIn(session: ProbeSession, answer: Answer): ClientTokens {
  const { access_token: access = "", refresh_token: refresh = "" } = (answer.json ?? {}) as Record<string, string>;
  session.require(answer.status === OK && access !== "" && refresh !== "", "a client redeems a code for tokens");
  return { access, refresh };
}

/** The word of an OAuth error (RFC 6749 §5.2), for the book. */
export const oauthWord = (answer: Answer): string =>
  `${answer.status} ${String((answer.json as Record<string, unknown> | undefined)?.error ?? "without an error")}`;
