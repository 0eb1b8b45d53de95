// What is attacked in the proving ground alone: a running deployment knows no service of the prover's own.
import { checks, prove, type Target } from "@holdfast/probes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProject } from "../packages/cli/src/project.ts";
import { openProvingGround, type ProvingGround } from "../packages/cli/src/proving/proving-ground.ts";
import { silentTerminal } from "../packages/cli/src/terminal.ts";
import { root } from "./source-tree.ts";

const RUN_MS_MAX = 90_000;

let ground: ProvingGround;
beforeAll(async () => {
  ground = await openProvingGround(await loadProject(`${root}/examples/content`), silentTerminal);
}, RUN_MS_MAX);
afterAll(() => ground?.close());

const practised = checks.filter(({ needs }) => needs === "practice");

test("there are such checks, and where no practice is at hand they are unproven, never held", async () => {
  expect(practised.length).toBeGreaterThan(3);
  const { practiceProvider: _provider, practiceBreaches: _breaches, database, ...rest } = ground.target;
  const { replica: _replica, ...reached } = database ?? {};
  const bare = { ...rest, database: reached } as Target;
  for (const observation of await prove({ target: bare, checks: practised })) {
    expect([observation.check, observation.result]).toEqual([observation.check, "unproven"]);
  }
}, 60_000);

test.each(practised)(
  "$id holds in the proving ground, and is broken on its twin",
  async (check) => {
    const [sound] = await prove({ target: ground.target, checks: [check] });
    expect(sound?.result, sound?.seen).toBe("held");
    expect(sound?.looked).toBeGreaterThan(0);
    const twin = await ground.startTwin(check);
    try {
      const [broken] = await prove({ target: twin.target, checks: [check] });
      expect(broken?.result, broken?.seen).toBe("broken");
    } finally {
      await twin.close();
    }
  },
  RUN_MS_MAX,
);

test.each([
  ["acting-as-others", 4],
  ["acting-without-reason", 4],
  ["acting-changes", 4],
])(
  "each attack of %s turns red by itself: all %i of them succeed on its twin",
  async (id, attempts) => {
    const check = checks.find((each) => each.id === id);
    if (check === undefined) throw new Error(`there is no ${id}`);
    const twin = await ground.startTwin(check);
    try {
      const [broken] = await prove({ target: twin.target, checks: [check] });
      expect([broken?.result, broken?.looked]).toEqual(["broken", attempts]);
      expect(broken?.seen).toContain(`(and ${attempts - 1} more of ${attempts})`);
    } finally {
      await twin.close();
    }
  },
  RUN_MS_MAX,
);
