// Pairs against a deployment small enough to be read: each check holds on the sound one and turns red on the vulnerable one.
// The whole system's pairs, sabotage by sabotage, are tested where whole deployments are assembled.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Check } from "./check.ts";
import { checkById } from "./checks.ts";
import { prove } from "./prove.ts";
import { startToyEdge, type ToyEdge, type ToyFaults } from "./testing/toy-edge.ts";
import { startTwin } from "./twin.ts";

const the = (id: string): Check => checkById(id) as Check;

async function resultOn(edge: ToyEdge, id: string): Promise<string | undefined> {
  const [observation] = await prove({ target: edge.target, checks: [the(id)] });
  return observation?.result === "unproven" ? observation.seen : observation?.result;
}

describe("pairs on a toy deployment", () => {
  let sound: ToyEdge;
  beforeAll(async () => {
    sound = await startToyEdge();
  });
  afterAll(() => sound.close());

  const pairs: [string, ToyFaults][] = [
    ["JWT-01", { believesTokens: true }],
    ["JWT-03", { believesTokens: true }],
    ["JWT-04", { believesTokens: true }],
    ["JWT-05", { believesTokens: true }],
    ["JWT-07", { believesTokens: true }],
    ["JWT-01", { withoutEvents: true }],
  ];
  test.each(pairs)("%s holds on a sound edge and is broken by %j", async (id, faults) => {
    expect(await resultOn(sound, id)).toBe("held");
    const vulnerable = await startToyEdge(faults);
    try {
      expect(await resultOn(vulnerable, id)).toBe("broken");
    } finally {
      await vulnerable.close();
    }
  });

  test("on a twin a check may end with the first attack that succeeds, and on a sound edge it still makes all of them", async () => {
    const vulnerable = await startToyEdge({ believesTokens: true });
    const on = async (edge: ToyEdge, stopsAtBreach: boolean) =>
      (await prove({ target: edge.target, checks: [the("JWT-01")], stopsAtBreach }))[0];
    try {
      const [whole, first, all] = [await on(vulnerable, false), await on(vulnerable, true), await on(sound, true)];
      expect([whole?.result, first?.result, all?.result]).toEqual(["broken", "broken", "held"]);
      expect(first?.looked).toBeLessThan(whole?.looked ?? 0);
      expect(all?.looked).toBe(whole?.looked);
    } finally {
      await vulnerable.close();
    }
  });

  const behindTwin = ["BRW-02", "BRW-08", "CRY-01", "CRY-02"];
  test.each(behindTwin)("%s holds on a sound edge and is broken by its own twin in front of it", async (id) => {
    expect(await resultOn(sound, id)).toBe("held");
    const { hole } = the(id).sabotage;
    if (hole.kind !== "twin") throw new Error("this pair needs a twin in front");
    const twin = await startTwin(sound.target, hole, sound.certificate());
    try {
      const [observation] = await prove({ target: twin.target, checks: [the(id)] });
      expect(observation?.result, observation?.seen).toBe("broken");
    } finally {
      await twin.close();
    }
  });

  test("a service without mutual TLS is found by NET-06, and a target without services proves nothing", async () => {
    expect(await resultOn(sound, "NET-06")).toContain("Expected the addresses of the services");
    const twin = await startTwin(sound.target, { openService: true }, sound.certificate());
    try {
      const [observation] = await prove({ target: twin.target, checks: [the("NET-06")] });
      expect(observation?.result, observation?.seen).toBe("broken");
    } finally {
      await twin.close();
    }
  });

  test.each(["RLS-01", "RLS-03", "RLS-08", "claims-forged"])("%s without a database proves nothing", async (id) => {
    expect(await resultOn(sound, id)).toContain("Expected a database in the target, found none.");
  });
});
