import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBrowser } from "../../scripts/browser.ts";
import { root } from "../source-tree.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const home = mkdtempSync(join(tmpdir(), "holdfast-home-"));
let platform: StartedPlatform;

/** Opens the first page as a browser of this user would: no certificate error is ignored. */
async function openFirstPage(): Promise<string> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium was found; npm test installs it");
  const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await chromium.launch({
    executablePath,
    args: ["--disable-gpu", ...sandbox],
    env: { ...process.env, HOME: home },
  });
  try {
    const page = await browser.newPage();
    const answer = await page.goto(`${platform.origin}/`);
    return String(answer?.status());
  } catch (error) {
    // The browser's refusal is what is looked at here.
    return /ERR_[A-Z_]+/.exec((error as Error).message)?.[0] ?? String(error);
  } finally {
    await browser.close();
  }
}

function holdfast(...words: readonly string[]) {
  return spawnSync(
    process.execPath,
    ["--conditions=holdfast-source", join(root, "packages/cli/src/main.ts"), ...words],
    {
      encoding: "utf8",
      env: { ...process.env, HOME: home },
    },
  );
}

describe("holdfast trust", () => {
  beforeAll(async () => {
    platform = await startedPlatform();
  }, START_MS_MAX);

  afterAll(async () => {
    await platform?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test(
    "the first page opens without a certificate warning after one consented step, and not before it or after its undoing",
    async () => {
      expect(await openFirstPage()).toBe("ERR_CERT_AUTHORITY_INVALID");
      expect(holdfast("trust", platform.folder).stderr).toContain("trust needs a yes");
      expect(await openFirstPage()).toBe("ERR_CERT_AUTHORITY_INVALID");
      expect(holdfast("trust", platform.folder, "--yes").status).toBe(0);
      expect(await openFirstPage()).toBe("200");
      expect(holdfast("trust", platform.folder, "--remove", "--yes").status).toBe(0);
      expect(await openFirstPage()).toBe("ERR_CERT_AUTHORITY_INVALID");
    },
    START_MS_MAX,
  );
});
