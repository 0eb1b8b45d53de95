import { expect, test } from "vitest";
import { refuseMissingSecrets } from "./provider-secrets.ts";

const google = { kind: "google", clientId: "x", issuer: null, scopes: [] } as const;
const policy = { identity: { providers: { google } } } as unknown as Parameters<typeof refuseMissingSecrets>[0];

test("a provider of the policy without its client secret stops the start, and the message names the variable", async () => {
  await expect(refuseMissingSecrets(policy, async () => undefined)).rejects.toMatchObject({
    code: "server/provider-secret-missing",
    message: expect.stringContaining("HOLDFAST_PROVIDER_GOOGLE_SECRET"),
  });
  await expect(refuseMissingSecrets(policy, async () => "secret")).resolves.toBeUndefined();
});
