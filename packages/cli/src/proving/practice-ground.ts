// What a proving ground has besides the project's own: services of the prover's that its deployments trust. They live as long as
// the ground, on loopback, and no deployment that holds data knows them.
import { type PracticeBreachService, startPracticeBreaches } from "./practice-breaches.ts";
import { type PracticeProvider, startPracticeProvider } from "./practice-provider.ts";

export interface PracticeGround
  extends Pick<PracticeProvider, "provider" | "providers" | "clientSecret">,
    Pick<PracticeBreachService, "breaches"> {
  readonly breachRange: string;
  close(): Promise<void>;
}

export async function startPracticeGround(): Promise<PracticeGround> {
  const [people, leaks] = [await startPracticeProvider(), await startPracticeBreaches()];
  const { provider, providers, clientSecret } = people;
  return {
    provider,
    providers,
    clientSecret,
    breaches: leaks.breaches,
    breachRange: leaks.url,
    async close() {
      await people.close();
      await leaks.close();
    },
  };
}
