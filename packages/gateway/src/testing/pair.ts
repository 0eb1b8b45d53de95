// A sound gateway and its twin without one step: what the first refuses, the second must let through, or the test proves nothing.
import type { StepName } from "../step.ts";
import { withoutStep } from "../step.ts";
import { gatewaySteps } from "../steps.ts";
import type { FixtureOptions, GatewayFixture } from "./gateway-fixture.ts";
import { startGateway } from "./gateway-fixture.ts";

export interface GatewayPair {
  readonly sound: GatewayFixture;
  readonly broken: GatewayFixture;
  close(): Promise<void>;
}

export async function startPair(missing: StepName, given: FixtureOptions = {}): Promise<GatewayPair> {
  const steps = withoutStep(gatewaySteps, missing);
  const sound = await startGateway(given);
  const broken = await startGateway({ ...given, options: { ...given.options, steps } });
  return {
    sound,
    broken,
    async close() {
      await Promise.all([sound.close(), broken.close()]);
    },
  };
}
