import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { controls } from "@holdfast/policy";
import { checks } from "@holdfast/probes";
import type { ControlList, EvidencePage, EvidenceRow } from "@holdfast/server/api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { proveStale } from "../../packages/cli/src/proving/prove-stale.ts";
import { silentTerminal } from "../../packages/cli/src/terminal.ts";
import { root } from "../source-tree.ts";
import { openBrowser, openPage } from "./page-watch.ts";
import { signInWithFactor } from "./sign-in.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

/** A minute on a quiet machine; on a busy one as long as it takes. */
const RUN_MS_MAX = 900_000;
const PAGE_MS_MAX = 60_000;

let platform: StartedPlatform;
let sentence: string;

/** The newest evidence of a check: its run against the deployment, and its run against the broken twin. */
async function evidenceOf(check: string): Promise<{ run: EvidenceRow | undefined; twin: EvidenceRow | undefined }> {
  const { evidence } = await platform.opened.client.get<EvidencePage>(`/evidence?check=${check}&limit=10`);
  return {
    run: evidence.find((row) => row.sabotage === undefined),
    twin: evidence.find((row) => row.sabotage !== undefined),
  };
}

/** What a person needs to see when a check is not what it should be. */
function told(row: EvidenceRow | undefined): string {
  const exchanges =
    row?.transcript.slice(0, 3).map(({ request, expected, got }) => `${request}: expected ${expected}, got ${got}`) ??
    [];
  return [row?.seen ?? "no evidence", ...exchanges].join("\n");
}

describe("the whole system, attacked and sabotaged", () => {
  beforeAll(async () => {
    platform = await startedPlatform();
    sentence = await proveStale(platform.opened, silentTerminal, new AbortController().signal);
  }, RUN_MS_MAX);

  afterAll(() => platform?.stop());

  test.each(checks.filter(({ needs }) => needs === "practice"))(
    "$id says that it was tried in the proving ground",
    async ({ id }) => {
      const { run } = await evidenceOf(id);
      expect(run?.seen).toMatch(/^In the proving ground: /u);
    },
  );

  for (const check of checks) {
    test(`${check.id} holds: ${check.title}`, async () => {
      const { run } = await evidenceOf(check.id);
      expect(run?.result, told(run)).toBe("held");
      expect(run?.looked).toBeGreaterThan(0);
    });

    test(`${check.id} turns red on its twin: ${check.sabotage.name}`, async () => {
      const { twin } = await evidenceOf(check.id);
      expect(twin?.sabotage, told(twin)).toEqual({ name: check.sabotage.name, result: "caught" });
    });
  }

  test("every control that has a check is held, every other one is unproven, and the sentence says so", async () => {
    const list = await platform.opened.client.get<ControlList>("/controls");
    const provable = controls.filter((control) => control.checks.length > 0).map((control) => control.id);
    expect(list.controls.filter((control) => control.status === "held").map((control) => control.id)).toEqual(provable);
    expect(
      list.controls.filter((control) => control.status !== "held").every((control) => control.status === "unproven"),
    ).toBe(true);
    expect(sentence).toContain(`${provable.length} of ${controls.length} controls held`);
  });

  test("nothing that is fresh is attacked again", async () => {
    const before = await platform.opened.client.get<EvidencePage>("/evidence?limit=1");
    await proveStale(platform.opened, silentTerminal, new AbortController().signal);
    const after = await platform.opened.client.get<EvidencePage>("/evidence?limit=100");
    const newer = after.evidence.filter(({ seq }) => seq > (before.evidence[0]?.seq ?? 0));
    expect(newer).toEqual([]);
  });

  test(
    "the console shows it, which is the picture in README.md",
    async () => {
      const browser = await openBrowser();
      try {
        const watched = await openPage(browser);
        await signInWithFactor(watched, platform);
        mkdirSync(join(root, "test-results"), { recursive: true });
        await watched.page.screenshot({ path: join(root, "test-results/console.png") });
        expect(await watched.page.getByRole("heading", { level: 1 }).textContent()).toBe(sentence);
        expect(watched.violations).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    PAGE_MS_MAX,
  );
});
