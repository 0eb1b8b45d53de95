// One provider as a relying party uses it: where to send the browser, and who came back. openid-client does the protocol
// (PKCE, state, nonce, issuer, ID token). Nothing is fetched before somebody signs in.
import type { ProviderPolicy } from "@holdfast/policy";
import { createRemoteJWKSet, customFetch as joseFetch } from "jose";
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
} from "openid-client";
import { isLoopbackHost } from "../egress/address-range.ts";
import { createGuardedFetch, type GuardedOptions } from "../egress/guarded-fetch.ts";
import { secretAuthentication } from "./client-secret.ts";
import { readGithubPerson } from "./github-person.ts";
import { configureProvider } from "./provider-configuration.ts";
import { answersByForm, githubEndpoints, issuerOf } from "./provider-endpoints.ts";
import { type UpstreamIdentity, upstreamIdentity } from "./upstream-identity.ts";

export interface ProviderRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** What the client asks for besides the policy's. */
  readonly scopes: readonly string[];
}

export interface Expected {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** Handed to the client, and kept nowhere. */
export interface ProviderTokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
}

export interface Redeemed {
  readonly identity: UpstreamIdentity;
  readonly tokens: ProviderTokens;
}

type IssuerKeys = ReturnType<typeof createRemoteJWKSet>;

export interface Provider {
  readonly name: string;
  readonly policy: ProviderPolicy;
  readonly issuer: string;
  authorizationUrl(request: ProviderRequest): Promise<URL>;
  /** `answer`: the redirect URI with everything the provider sent. Null when it names nobody. @throws whatever is wrong with it */
  redeem(answer: URL, expected: Expected): Promise<Redeemed | null>;
  /** The issuer's keys, for an ID token that a client brings; null where there are none (GitHub). */
  keys(): Promise<IssuerKeys | null>;
}

const timeoutMs = 5000;

/** @param secret asked for at each exchange; never leaves this object otherwise. */
export function createProvider(
  name: string,
  policy: ProviderPolicy,
  secret: () => Promise<string>,
  options: GuardedOptions = {},
): Provider {
  const issuer = issuerOf(policy);
  const fetch = createGuardedFetch(isLoopbackHost(new URL(issuer).hostname), options);
  const authentication = secretAuthentication(secret);
  let known: Promise<Configuration> | undefined;
  /** Asked once; a failure is not remembered. */
  const configuration = (): Promise<Configuration> => {
    known ??= configureProvider(policy, issuer, authentication.authenticate, fetch).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
  const isGithub = policy.kind === "github";
  let jwks: IssuerKeys | undefined;
  return {
    name,
    policy,
    issuer,
    authorizationUrl: async (request) => authorizationUrl(await configuration(), policy, request),
    async redeem(answer, expected) {
      const config = await configuration();
      await authentication.renew();
      const tokens = await authorizationCodeGrant(config, answer, {
        expectedState: expected.state,
        pkceCodeVerifier: expected.codeVerifier,
        // With a nonce an ID token is demanded. GitHub has none: PKCE alone binds its code to this attempt.
        ...(isGithub ? {} : { expectedNonce: expected.nonce, idTokenExpected: true }),
      });
      const claims = isGithub
        ? await readGithubPerson(githubEndpoints(issuer), tokens.access_token, fetch)
        : { ...tokens.claims() };
      const identity = upstreamIdentity({ provider: name, kind: policy.kind, issuer }, claims);
      if (identity === null) return null;
      return { identity, tokens: { accessToken: tokens.access_token, refreshToken: tokens.refresh_token } };
    },
    async keys() {
      const { jwks_uri: location } = (await configuration()).serverMetadata();
      if (location === undefined) return null;
      jwks ??= createRemoteJWKSet(new URL(location), { [joseFetch]: fetch as never, timeoutDuration: timeoutMs });
      return jwks;
    },
  };
}

async function authorizationUrl(config: Configuration, policy: ProviderPolicy, request: ProviderRequest): Promise<URL> {
  return buildAuthorizationUrl(config, {
    redirect_uri: request.redirectUri,
    scope: [...new Set([...policy.scopes, ...request.scopes])].join(" "),
    state: request.state,
    code_challenge: await calculatePKCECodeChallenge(request.codeVerifier),
    code_challenge_method: "S256",
    ...(policy.kind === "github" ? {} : { nonce: request.nonce }),
    ...(answersByForm(policy.kind) ? { response_mode: "form_post" } : {}),
  });
}
