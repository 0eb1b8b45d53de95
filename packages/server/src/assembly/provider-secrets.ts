// A way to sign in that half works is none: the client secret of every provider of the policy is there before anything starts.
import { missingProviderSecrets, type ProviderSecret } from "@holdfast/identity";
import type { Policy } from "@holdfast/policy";
import { ServerError } from "../error.ts";

/** @throws ServerError `server/provider-secret-missing` */
export async function refuseMissingSecrets(policy: Policy, secretOf: ProviderSecret): Promise<void> {
  const missing = await missingProviderSecrets(policy.identity.providers, secretOf);
  if (missing.length === 0) return;
  throw new ServerError(
    "server/provider-secret-missing",
    `The client secret of a sign-in provider of the policy is missing: ${missing.join(", ")}.`,
    "Give it in that variable of the environment, or take the provider out of the policy.",
  );
}
