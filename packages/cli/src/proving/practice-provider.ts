// An OpenID provider for the proving ground, on loopback: whoever the check names is signed in there. It lives as long as the
// ground, and no deployment that holds data knows it.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Policy, ProviderPolicy } from "@holdfast/policy";
import type { Target } from "@holdfast/probes";
import { startTripwire } from "./tripwire.ts";

type PracticeTarget = NonNullable<Target["practiceProvider"]>;

export interface PracticeProvider {
  readonly provider: PracticeTarget;
  readonly clientSecret: string;
  /** This provider and its crooked doubles, as a policy would name them. */
  readonly providers: Policy["identity"]["providers"];
  close(): Promise<void>;
}

const NAME = "custom:practice";
const CLIENT_ID = "holdfast-practice";
const LOOPBACK = "127.0.0.1";
const KEY_ID = "practice";
const TOKEN_SECONDS = 300;
const RANDOM_BYTES = 24;
const BODY_BYTES_MAX = 16_384;
const OK = 200;
const BAD_REQUEST = 400;
const NOT_FOUND = 404;
const FOUND = 302;
const UNAVAILABLE = 503;
const FAULTS = ["inside", "redirect", "silent", "other"] as const;

interface PendingCode {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

const random = (): string => randomBytes(RANDOM_BYTES).toString("base64url");
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** @param now the clock of this machine, in milliseconds. */
export async function startPracticeProvider(now: () => number = Date.now): Promise<PracticeProvider> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const clientSecret = random();
  const codes = new Map<string, PendingCode>();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const inside = await startTripwire();
  const issuer = `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`;

  const idToken = async (claims: Readonly<Record<string, unknown>>): Promise<string> => {
    const iat = Math.floor(now() / 1000);
    const payload = { iss: issuer, aud: CLIENT_ID, iat, exp: iat + TOKEN_SECONDS, ...claims };
    const input = `${encoded({ alg: "ES256", kid: KEY_ID })}.${encoded(payload)}`;
    const signature = sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${input}.${signature.toString("base64url")}`;
  };

  server.on("request", (request, response) => {
    const jwk = publicKey.export({ format: "jwk" });
    answer(request, response, { issuer, clientSecret, codes, jwk, idToken, inside: inside.url }).catch(() =>
      // Whoever asks in a way this provider cannot read gets nothing.
      response.destroy(),
    );
  });

  return {
    clientSecret,
    provider: {
      name: NAME,
      clientId: CLIENT_ID,
      idToken,
      async signIn(authorizationUrl, { subject, email, isEmailVerified }) {
        const asked = new URL(authorizationUrl).searchParams;
        const code = random();
        const redirectUri = asked.get("redirect_uri") ?? "";
        const claims = { sub: subject, email, email_verified: isEmailVerified, nonce: asked.get("nonce") };
        codes.set(code, { challenge: asked.get("code_challenge") ?? "", redirectUri, claims });
        const back = new URL(redirectUri);
        for (const [name, value] of Object.entries({ code, state: asked.get("state") ?? "", iss: issuer }))
          back.searchParams.set(name, value);
        return back.href;
      },
      crooked: FAULTS.map((fault) => ({ name: `${NAME}-${fault}`, issuer: `${issuer}/${fault}`, fault })),
      touches: inside.touches,
    },
    providers: {
      [NAME]: policyOf(issuer),
      ...Object.fromEntries(FAULTS.map((fault) => [`${NAME}-${fault}`, policyOf(`${issuer}/${fault}`)])),
    },
    async close() {
      await closeServer(server);
      await inside.close();
    },
  };
}

/** Of a kind whose word about addresses counts: only there can it be abused. */
const policyOf = (issuer: string): ProviderPolicy => ({
  kind: "google",
  clientId: CLIENT_ID,
  issuer,
  scopes: ["email", "openid"],
  trustEmail: false,
  signedSecret: null,
});

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

interface Parts {
  readonly issuer: string;
  readonly clientSecret: string;
  readonly codes: Map<string, PendingCode>;
  readonly jwk: object;
  readonly idToken: (claims: Readonly<Record<string, unknown>>) => Promise<string>;
  /** Where nobody of the deployment may connect to. */
  readonly inside: string;
}

const WELL_KNOWN = "/.well-known/openid-configuration";

const discoveryOf = (issuer: string, endpoints: string, keys: string): object => ({
  issuer,
  authorization_endpoint: `${endpoints}/authorize`,
  token_endpoint: `${endpoints}/token`,
  jwks_uri: keys,
  response_types_supported: ["code"],
  subject_types_supported: ["public"],
  id_token_signing_alg_values_supported: ["ES256"],
  code_challenge_methods_supported: ["S256"],
  authorization_response_iss_parameter_supported: true,
});

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const { issuer, jwk, inside } = parts;
  switch (request.url) {
    case WELL_KNOWN:
      return send(response, OK, discoveryOf(issuer, issuer, `${issuer}/keys`));
    case `/inside${WELL_KNOWN}`:
      return send(response, OK, discoveryOf(`${issuer}/inside`, issuer, inside));
    case `/redirect${WELL_KNOWN}`:
      return send(response, OK, discoveryOf(`${issuer}/redirect`, issuer, `${issuer}/redirect/keys`));
    case "/redirect/keys":
      response.writeHead(FOUND, { location: inside }).end();
      return;
    case `/other${WELL_KNOWN}`:
      return send(response, OK, discoveryOf(issuer, issuer, `${issuer}/keys`));
    case `/silent${WELL_KNOWN}`:
      return send(response, UNAVAILABLE, { error: "temporarily_unavailable" });
    case "/keys":
      return send(response, OK, { keys: [{ ...jwk, kid: KEY_ID, alg: "ES256", use: "sig" }] });
    case "/token":
      return await redeem(new URLSearchParams(await readBody(request)), response, parts);
    default:
      return send(response, NOT_FOUND, { error: "not_found" });
  }
}

async function redeem(fields: URLSearchParams, response: ServerResponse, parts: Parts): Promise<void> {
  const code = fields.get("code") ?? "";
  const pending = parts.codes.get(code);
  parts.codes.delete(code);
  const challenge = createHash("sha256")
    .update(fields.get("code_verifier") ?? "")
    .digest("base64url");
  if (
    pending === undefined ||
    pending.challenge !== challenge ||
    pending.redirectUri !== fields.get("redirect_uri") ||
    fields.get("client_secret") !== parts.clientSecret
  ) {
    return send(response, BAD_REQUEST, { error: "invalid_grant" });
  }
  return send(response, OK, {
    access_token: random(),
    token_type: "bearer",
    expires_in: TOKEN_SECONDS,
    id_token: await parts.idToken(pending.claims),
  });
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_BYTES_MAX) throw new Error("The body is too large.");
  }
  return text;
}
