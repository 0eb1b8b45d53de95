import { join } from "node:path";
import type { Observation } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadProject } from "../project.ts";
import { silentTerminal } from "../terminal.ts";
import { attack } from "./attack.ts";
import { openProvingGround, type ProvingGround } from "./proving-ground.ts";
import { sabotage } from "./sabotage.ts";

const example = join(import.meta.dirname, "../../../../examples/content");
const RUN_MS_MAX = 300_000;

let ground: ProvingGround;
let attacks: ReadonlyMap<string, Observation>;
let sabotages: ReadonlyMap<string, Observation>;

const byCheck = (observations: readonly Observation[]) =>
  new Map(observations.map((observation) => [observation.check, observation]));

/** What a person needs to see when a check is not what it should be. */
function told(observation: Observation | undefined): string {
  const breaches = observation?.transcript.slice(0, 3).map((exchange) => `${exchange.request} → ${exchange.got}`) ?? [];
  return [observation?.seen ?? "no observation", ...breaches].join("\n");
}

describe("the whole system, attacked and sabotaged", () => {
  beforeAll(async () => {
    ground = await openProvingGround(await loadProject(example), silentTerminal);
    attacks = byCheck(await attack(ground.target, checks, silentTerminal));
    sabotages = byCheck(await sabotage(ground, checks, silentTerminal));
  }, RUN_MS_MAX);

  afterAll(() => ground?.close());

  for (const check of checks) {
    test(`${check.id} holds: ${check.title}`, () => {
      const observation = attacks.get(check.id);
      expect(observation?.result, told(observation)).toBe("held");
      expect(observation?.looked).toBeGreaterThan(0);
    });

    test(`${check.id} turns red when ${check.sabotage.name}`, () => {
      const observation = sabotages.get(check.id);
      expect(observation?.sabotage?.result, told(observation)).toBe("caught");
    });
  }
});
