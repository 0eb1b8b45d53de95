import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { openBrowser, openPage, seriousFindings, type WatchedPage } from "./page-watch.ts";
import { signInWithFactor } from "./sign-in.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const pictures = join(root, "test-results");

let platform: StartedPlatform;
let browser: Browser;
let administrator: WatchedPage;

describe("the console in a real browser", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    administrator = await openPage(browser);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "an administrator must set up a second factor before anything is shown",
    async () => {
      await signInWithFactor(administrator, platform);
      await administrator.page.screenshot({ path: join(pictures, "first-sign-in.png") });
      expect(await administrator.page.getByRole("heading", { level: 1 }).textContent()).toMatch(
        /\d+ of 76 controls held/,
      );
    },
    FLOW_MS_MAX,
  );

  test(
    "somebody who is not an administrator sees nothing of it",
    async () => {
      await platform.createAccount({
        email: "reader@example.test",
        password: "a long enough reader password",
        roles: ["reader"],
      });
      const { page, context } = await openPage(browser);
      await page.goto(`${platform.origin}/console/sign-in`);
      await page.getByLabel("E-mail address").fill("reader@example.test");
      await page.getByLabel("Password").fill("a long enough reader password");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Second factor" }).waitFor();
      const answer = await page.request.get(`${platform.origin}/platform/v1/summary`, { failOnStatusCode: false });
      expect(answer.status()).toBe(403);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "after a form was sent empty, the click on what was filled in counts",
    async () => {
      const { page, context } = await openPage(browser);
      await page.goto(`${platform.origin}/console/sign-in`);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("fill out this field").first().waitFor();
      await page.getByLabel("E-mail address").fill("nobody@example.test");
      await page.getByLabel("Password").fill("a password of nobody");
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByText("The e-mail address or the password is wrong.").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "on a phone the summary is no wider than the screen",
    async () => {
      const { page } = administrator;
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`${platform.origin}/console`);
      await page.getByText("Only controls that have a proof").click();
      await page.getByRole("link", { name: "aws-iam" }).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await page.setViewportSize({ width: 1280, height: 720 });
    },
    FLOW_MS_MAX,
  );

  test(
    "a control can be attacked again, and its transcript read",
    async () => {
      const { page } = administrator;
      await page.goto(`${platform.origin}/console/controls/csp-headers`);
      await page.getByRole("button", { name: "Attack again" }).click();
      await page.getByText(/Last run: 2 of 2 checks/).waitFor({ timeout: FLOW_MS_MAX });
      await page
        .getByText(/Transcript of the newest run/)
        .first()
        .click();
      await page.getByRole("columnheader", { name: "Expected" }).first().waitFor();
      await page.screenshot({ path: join(pictures, "control.png"), fullPage: true });
    },
    FLOW_MS_MAX,
  );

  test(
    "five failed sign-ins arrive live, raise an alert, and a person acknowledges the incident",
    async () => {
      const { page } = administrator;
      await page.goto(`${platform.origin}/console/events`);
      await page.getByText("Live", { exact: true }).waitFor();
      const stranger = await openPage(browser);
      for (let attempt = 0; attempt < 5; attempt += 1) {
        await stranger.page.request.post(`${platform.origin}/auth/v1/token?grant_type=password`, {
          data: { email: "nobody@example.test", password: `wrong password ${attempt}` },
          failOnStatusCode: false,
        });
      }
      await stranger.context.close();
      await page.locator("tr.arriving", { hasText: "signin.failed" }).first().waitFor();
      await page.getByRole("link", { name: "Incidents" }).click();
      await page
        .getByRole("link", { name: /sign-ins .*failed/i })
        .first()
        .click();
      await page.getByRole("button", { name: "Acknowledge" }).first().click();
      await page.getByLabel("Note").fill("Looked at the address; it is a test.");
      await page.getByRole("dialog").getByRole("button", { name: "Acknowledge" }).click();
      await page.getByText(/A person answered after/).waitFor();
      await page.screenshot({ path: join(pictures, "incident.png"), fullPage: true });
    },
    FLOW_MS_MAX,
  );

  test(
    "the chain of events and evidence verifies from the page",
    async () => {
      const { page } = administrator;
      await page.goto(`${platform.origin}/console/events`);
      await page.getByRole("button", { name: "Verify the chain" }).click();
      await page.getByText(/^Intact:/).waitFor();
    },
    FLOW_MS_MAX,
  );

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `axe finds nothing serious on any page, ${colorScheme}`,
      async () => {
        const { page } = administrator;
        await page.emulateMedia({ colorScheme });
        for (const path of [
          "",
          "/controls",
          "/controls/jwt",
          "/events",
          "/alerts",
          "/incidents",
          "/evidence",
          "/your-sessions",
        ]) {
          await page.goto(`${platform.origin}/console${path}`);
          await page.getByRole("heading", { level: 1 }).waitFor();
          expect(await seriousFindings(page), path).toEqual([]);
        }
        await page.screenshot({ path: join(pictures, `console-sessions-${colorScheme}.png`) });
        await page.goto(`${platform.origin}/console/events`);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await page.screenshot({ path: join(pictures, `console-events-${colorScheme}.png`) });
      },
      FLOW_MS_MAX,
    );
  }

  test(
    "on a narrow screen the menu opens by the keyboard, says so, and closes behind whoever went on",
    async () => {
      const { page } = administrator;
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`${platform.origin}/console`);
      const menu = page.getByRole("button", { name: "Menu" });
      await menu.focus();
      expect(await page.getByRole("link", { name: "Keys" }).isVisible()).toBe(false);
      await page.keyboard.press("Enter");
      await page.getByRole("link", { name: "Keys" }).waitFor();
      expect(await menu.getAttribute("aria-expanded")).toBe("true");
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "console-menu-narrow.png") });
      await page.getByRole("link", { name: "Keys" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Keys" }).waitFor();
      await expect.poll(() => menu.getAttribute("aria-expanded")).toBe("false");
      await page.setViewportSize({ width: 1280, height: 720 });
    },
    FLOW_MS_MAX,
  );

  test(
    "everything can be reached with the keyboard alone",
    async () => {
      const { page } = administrator;
      await page.goto(`${platform.origin}/console`);
      await page.getByRole("heading", { level: 1, name: /controls held/ }).waitFor();
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
      for (let step = 0; step < 3; step += 1) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/console\/(controls|events)$/);
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    expect(administrator.violations).toEqual([]);
    expect(administrator.errors).toEqual([]);
  });
});
