// AZ-01 on the example, whose shares, memberships and notes are made below another object: where only those are open, it is seen.
import { checkById, prove } from "@holdfast/probes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadProject } from "../packages/cli/src/project.ts";
import { openProvingGround, type ProvingGround } from "../packages/cli/src/proving/proving-ground.ts";
import { silentTerminal } from "../packages/cli/src/terminal.ts";
import { root } from "./source-tree.ts";

const RUN_MS_MAX = 90_000;
const check = checkById("AZ-01");

let ground: ProvingGround;
beforeAll(async () => {
  ground = await openProvingGround(await loadProject(`${root}/examples/content`), silentTerminal);
}, RUN_MS_MAX);
afterAll(() => ground?.close());

test.each([
  ["shares", "/api/content/:id/shares"],
  ["memberships", "/api/teams/:id/memberships"],
  ["notes", "/api/content/:id/notes"],
])(
  "row-level security that is off for %s alone is found by what is made below another object",
  async (table, place) => {
    if (check === undefined) throw new Error("there is no AZ-01");
    const statements = () => [`alter table public.${table} disable row level security`];
    const sabotage = {
      name: `open-${table}`,
      sentence: "One table is open.",
      hole: { kind: "sql", statements },
    } as const;
    const twin = await ground.startTwin({ ...check, sabotage });
    try {
      const [observation] = await prove({ target: twin.target, checks: [check] });
      expect(observation?.result, observation?.seen).toBe("broken");
      expect(observation?.seen).toContain(place);
    } finally {
      await twin.close();
    }
  },
  RUN_MS_MAX,
);
