// Hands observations to a deployment as evidence, in portions that its body limit takes.
import type { Observation } from "@holdfast/policy";
import type { PlatformClient } from "../deployment/platform-client.ts";

const PORTION = 10;

export async function postEvidence(client: PlatformClient, observations: readonly Observation[]): Promise<void> {
  for (let start = 0; start < observations.length; start += PORTION) {
    await client.post("/evidence", { observations: observations.slice(start, start + PORTION) });
  }
}
