// A provider as openid-client knows it: discovered from the pinned issuer, or GitHub's endpoints, always by the guarded fetch.
import type { ProviderPolicy } from "@holdfast/policy";
import {
  allowInsecureRequests,
  type ClientAuth,
  Configuration,
  type CustomFetch,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from "openid-client";
import type { GuardedFetch } from "../egress/guarded-fetch.ts";
import { githubEndpoints } from "./provider-endpoints.ts";

const timeoutSeconds = 5;

/** @throws what openid-client throws, or when the discovery document is not the pinned issuer's. */
export async function configureProvider(
  policy: ProviderPolicy,
  issuer: string,
  authentication: ClientAuth,
  fetch: GuardedFetch,
): Promise<Configuration> {
  // The policy's reader lets only a loopback issuer speak in the clear.
  const insecure = issuer.startsWith("http:") ? [allowInsecureRequests] : [];
  if (policy.kind === "github") {
    const { authorization, token } = githubEndpoints(issuer);
    const server = { issuer, authorization_endpoint: authorization, token_endpoint: token };
    const config = new Configuration(server, policy.clientId, undefined, authentication);
    config[customFetch] = fetch as CustomFetch;
    config.timeout = timeoutSeconds;
    for (const extend of insecure) extend(config);
    return config;
  }
  const config = await discovery(new URL(issuer), policy.clientId, undefined, authentication, {
    [customFetch]: fetch as CustomFetch,
    timeout: timeoutSeconds,
    // The ID token's signature counts as well as the connection it came over.
    execute: [...insecure, enableNonRepudiationChecks],
  });
  // openid-client lets Microsoft's shared issuers stand for every tenant; here an issuer is what the policy wrote.
  if (config.serverMetadata().issuer !== issuer) throw new Error("The discovery document names another issuer.");
  return config;
}
