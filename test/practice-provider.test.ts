// Sign-in by provider, attacked where the prover has a provider of its own: a running deployment knows only other people's.
import { checkById, prove } from "@holdfast/probes";
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

test.each(["OAU-02", "OAU-06", "OAU-07"])(
  "%s holds in the proving ground, and is broken on its twin",
  async (id) => {
    const check = checkById(id);
    if (check === undefined) throw new Error(`there is no ${id}`);
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
