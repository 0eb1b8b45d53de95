// The OAuth 2.1 server for tests: clients that an administrator made, people who consent, and the token endpoint.
import { defineSecurity } from "@holdfast/policy";
import type { GoTrueClient } from "@supabase/auth-js";
import { calculatePKCECodeChallenge } from "openid-client";
import type { IdentityRules } from "../rules.ts";
import { goodPassword, TestIdentity } from "./start-identity.ts";

export const serverPolicy = defineSecurity({
  application: { name: "content", origin: "https://localhost:8443" },
  roles: { reader: {}, editor: { includes: ["reader"] }, admin: { includes: ["editor"], requires: "aal2" } },
  identity: {
    signUp: "open",
    defaultRoles: ["reader"],
    lockout: { attempts: 5, window: "15m" },
    oauthServer: { on: true, registration: true },
  },
  tables: {},
  services: {},
});

export const room = new TestIdentity();
let key = "";

/** The service key of the room. */
export const serviceKey = (): string => key;
/** Before all tests of a file. */
export async function startServer(): Promise<void> {
  await room.start({ policy: serverPolicy });
  key = await room.identity.issueServiceKey();
}

export const redirectUri = "https://client.example.test/back";
export const verifier = "v".repeat(43);

export interface RegisteredClient {
  readonly client_id: string;
  readonly client_secret: string;
}

export const admin = () => room.client({ Authorization: `Bearer ${key}` }).admin.oauth;

export async function register(more: object = {}): Promise<RegisteredClient> {
  const { data, error } = await admin().createClient({
    client_name: "Reader's desk",
    redirect_uris: [redirectUri],
    ...more,
  });
  if (data === null) throw error;
  return data as unknown as RegisteredClient;
}

export async function signedIn(): Promise<GoTrueClient> {
  const person = await room.person();
  const client = room.client();
  await client.signInWithPassword({ email: person.email, password: goodPassword });
  return client;
}

export const authorizeQuery = async (client: RegisteredClient, more: Record<string, string | undefined> = {}) => {
  const parameters = {
    client_id: client.client_id,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid email",
    state: "s1",
    nonce: "n1",
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...more,
  };
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
};

export async function authorize(query: string, url = room.url): Promise<Response> {
  return await fetch(`${url}/oauth/authorize?${query}`, { redirect: "manual" });
}

export const idIn = (response: Response): string =>
  new URL(response.headers.get("location") ?? "").searchParams.get("authorization_id") ?? "";

/** A code for the client, as the person's consent page gets it. */
export async function consent(
  person: GoTrueClient,
  client: RegisteredClient,
  more: Record<string, string> = {},
): Promise<URL> {
  const id = idIn(await authorize(await authorizeQuery(client, more)));
  const { data, error } = await person.oauth.approveAuthorization(id, { skipBrowserRedirect: true });
  if (data === null) throw error;
  return new URL(data.redirect_url);
}

export async function redeem(fields: Record<string, string>, headers: Record<string, string> = {}, url = room.url) {
  const response = await fetch(`${url}/oauth/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams({
      grant_type: "authorization_code",
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...fields,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

export const basic = ({ client_id, client_secret }: RegisteredClient) => ({
  authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}`,
});

export const twinUrl = async (rules: Partial<IdentityRules>) =>
  room.listen(await room.twin({ policy: serverPolicy, rules }));
