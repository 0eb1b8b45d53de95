// A real OpenID provider for tests: oidc-provider on loopback, where whoever `person` names signs in without being asked, and a
// browser with a jar of cookies that walks there and back.
import { createHash, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const providerClientId = "holdfast";
export const otherClientId = "somebody-elses-app";
export const providerClientSecret = "a-secret-that-only-the-test-knows";

export interface ProviderPerson {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly name?: string;
  readonly [claim: string]: unknown;
}

export class RealProvider {
  issuer = "";
  /** Who signs in next. */
  person: ProviderPerson = { sub: "nobody" };
  /** Refuses the next sign-in. */
  refuses = false;
  readonly #people = new Map<string, ProviderPerson>();
  #server: Server | undefined;

  async start(redirectUri: string): Promise<this> {
    const server = createServer();
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(this.issuer, this.#configuration(redirectUri));
    const handle = provider.callback();
    server.on("request", (request, response) => {
      if (request.url?.startsWith("/interaction/") !== true) return handle(request, response);
      const result = this.refuses
        ? { error: "access_denied", error_description: "The person refused" }
        : { login: { accountId: this.person.sub } };
      this.#people.set(this.person.sub, this.person);
      provider.interactionFinished(request, response, result).catch(() => response.destroy());
    });
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  #configuration(redirectUri: string): object {
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
    return {
      // Somebody else's application is a client of the same provider.
      clients: [providerClientId, otherClientId].map((client_id) => ({
        client_id,
        client_secret: providerClientSecret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token"],
        token_endpoint_auth_method: "client_secret_post",
        id_token_signed_response_alg: "ES256",
      })),
      ttl: { Interaction: 600, Grant: 600, Session: 600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
      jwks: { keys: [{ ...key, kid: "one", alg: "ES256", use: "sig" }] },
      cookies: { keys: ["only-a-test"] },
      claims: { openid: ["sub", "xms_edov"], email: ["email", "email_verified"], profile: ["name"] },
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
      pkce: { required: () => true },
      findAccount: (_context: unknown, sub: string) => ({
        accountId: sub,
        claims: () => this.#people.get(sub) ?? { sub },
      }),
      async loadExistingGrant(context: {
        readonly oidc: {
          readonly client: { readonly clientId: string };
          readonly session: { readonly accountId: string };
          readonly provider: Provider;
        };
      }) {
        const { client, session, provider } = context.oidc;
        const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
        grant.addOIDCScope("openid email profile");
        await grant.save();
        return grant;
      },
    };
  }
}

/** An ID token and its access token, as an app on a device gets them by itself. */
export async function appTokens(
  provider: RealProvider,
  redirectUri: string,
  more: { readonly nonce?: string; readonly clientId?: string } = {},
): Promise<{ readonly id_token: string; readonly access_token: string }> {
  const { nonce, clientId = providerClientId } = more;
  const verifier = "v".repeat(43);
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "openid email profile",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    ...(nonce === undefined ? {} : { nonce }),
  });
  const back = await walk(`${provider.issuer}/auth?${query}`, redirectUri);
  const response = await fetch(`${provider.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      client_secret: providerClientSecret,
      redirect_uri: redirectUri,
      code: back.searchParams.get("code") ?? "",
      code_verifier: verifier,
    }),
  });
  return (await response.json()) as { id_token: string; access_token: string };
}

/** Walks from an address to the first that begins with `until`, like a browser, and returns it. */
export async function walk(from: string, until: string): Promise<URL> {
  const jar = new Map<string, string>();
  let at = new URL(from);
  for (let step = 0; step < 10; step += 1) {
    if (at.href.startsWith(until)) return at;
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(at, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (set.split(";")[0] ?? "").split("=");
      jar.set(name, value);
    }
    const location = response.headers.get("location");
    if (location === null) throw new Error(`${at.href} answered ${response.status}: ${await response.text()}`);
    at = new URL(location, at);
  }
  throw new Error("The walk has no end.");
}
