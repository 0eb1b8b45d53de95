// The providers of the policy with their secrets. A provider without its secret stops the start: a way to sign in that half
// works fails open sooner or later (GHSA-8fpg-xm3f-6cx3).
import type { ProviderPolicy } from "@holdfast/policy";
import type { GuardedOptions } from "../egress/guarded-fetch.ts";
import { clientSecret } from "./client-secret.ts";
import { createProvider, type Provider } from "./provider.ts";
import { issuerOf } from "./provider-endpoints.ts";

/** The client secret of the provider of that name, or undefined. */
export type ProviderSecret = (name: string) => Promise<string | undefined>;

/** `custom:work` → `HOLDFAST_PROVIDER_CUSTOM_WORK_SECRET`. */
export const providerSecretVariable = (name: string): string =>
  `HOLDFAST_PROVIDER_${name.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_SECRET`;

/** By the name that `/authorize?provider=` gives. */
export type NamedProviders = Readonly<Record<string, ProviderPolicy>>;

/** Every provider whose secret is missing, with the variable of the environment that would hold it. */
export async function missingProviderSecrets(
  named: NamedProviders,
  secretOf: ProviderSecret,
): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const name of Object.keys(named)) {
    if (((await secretOf(name)) ?? "") === "") missing.push(`${name} (${providerSecretVariable(name)})`);
  }
  return missing;
}

/** @throws Error naming every provider whose secret is missing, and where to put it; or the one whose private key is none. */
export async function openProviders(
  named: NamedProviders,
  secretOf: ProviderSecret,
  now: () => number,
  options: GuardedOptions = {},
): Promise<ReadonlyMap<string, Provider>> {
  const missing = await missingProviderSecrets(named, secretOf);
  if (missing.length > 0) {
    throw new Error(
      `The policy names sign-in providers whose client secret is missing: ${missing.join(", ")}. ` +
        "Give it in that variable of the environment, or take the provider out of the policy.",
    );
  }
  const providers = new Map<string, Provider>();
  for (const [name, provider] of Object.entries(named)) {
    const secret = clientSecret(provider, issuerOf(provider), async () => (await secretOf(name)) ?? "", now);
    // A private key that is none stops the start, not the first person who signs in.
    await secret();
    providers.set(name, createProvider(name, provider, secret, options));
  }
  return providers;
}
