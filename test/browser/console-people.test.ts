// The console's pages about people: two administrators, one role, and pages that everybody can use.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { openBrowser, openPage, seriousFindings, totpCode, type WatchedPage } from "./page-watch.ts";
import { signInWithFactor } from "./sign-in.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const pictures = join(root, "test-results");
const password = "a long enough password of theirs";

let platform: StartedPlatform;
let browser: Browser;
let anna: WatchedPage;
let bea: WatchedPage;

const focused = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));

const go = (watched: WatchedPage, path: string) => watched.page.goto(`${platform.origin}/console${path}`);

describe("people in the console", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    await platform.createAccount({ email: "carl@example.test", password, roles: ["reader"] });
    await platform.createAccount({ email: "bea@example.test", password, roles: ["admin"] });
    [anna, bea] = [await openPage(browser), await openPage(browser)];
    await signInWithFactor(anna, platform);
    await signInWithFactor(bea, { ...platform, administrator: { email: "bea@example.test", password } });
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "one administrator asks for a role, cannot approve it alone, and another one approves it",
    async () => {
      const { page } = anna;
      await go(anna, "/people");
      await page.getByRole("searchbox", { name: "Address begins with" }).fill("carl");
      await page.getByRole("link", { name: "carl@example.test" }).click();
      await page.getByRole("heading", { level: 1, name: "carl@example.test" }).waitFor();
      await page.getByLabel("Role", { exact: true }).selectOption("admin");
      await page.getByLabel("Why").fill("Takes over the content in June");
      await page.getByRole("button", { name: "Ask for the role" }).click();
      await page.getByText("Asked for. Another administrator finds it under Roles.").waitFor();
      await page.screenshot({ path: join(pictures, "console-person.png"), fullPage: true });
      await go(anna, "/roles");
      await page.getByText("Another administrator decides.").waitFor();
      expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);

      await go(bea, "/roles");
      await bea.page.screenshot({ path: join(pictures, "console-roles.png"), fullPage: true });
      await bea.page.getByRole("button", { name: "Approve" }).click();
      await bea.page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
      await bea.page.getByText("Nothing waits.").waitFor();

      await go(anna, "/people");
      await page.getByRole("row", { name: /carl@example\.test admin, reader/ }).waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a role is taken away with a reason, by keyboard alone",
    async () => {
      const { page } = anna;
      await page.getByRole("link", { name: "carl@example.test" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Take admin away" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.type("Only tried it");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.getByRole("button", { name: "Take admin away" }).waitFor({ state: "hidden" });
    },
    FLOW_MS_MAX,
  );

  test(
    "the access review names the line of the policy for one person and one action, and is signed off",
    async () => {
      const { page } = anna;
      await go(anna, "/access");
      await page.getByLabel("Who (address or id)").fill("carl@example.test");
      await page.getByLabel("What (such as GET /api/content)").fill("content.select");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText(/tables\.content\.select →/).waitFor();
      await page.screenshot({ path: join(pictures, "console-access-one.png"), fullPage: true });
      await go(anna, "/access");
      await page.getByRole("button", { name: "Sign off the review" }).click();
      await page.getByLabel("Note").fill("Looked at every role of the policy.");
      await page.getByRole("dialog").getByRole("button", { name: "Sign off the review" }).click();
      await page.getByText(/Reviewed .* by admin@holdfast\.localhost/).waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a new account is made without a password, with an invitation by mail or without one; a taken address is said plainly",
    async () => {
      const { page } = anna;
      await go(anna, "/people");
      await page.getByRole("button", { name: "Make the account" }).click();
      expect(await page.getByText("The account is there").count()).toBe(0);
      // The message of the empty field moves the button; a click right after it counts all the same.
      await page.getByLabel("E-mail address").fill("dora@example.test");
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.getByText("The account is there, and an invitation is on its way.").waitFor();
      await page.getByRole("link", { name: "dora@example.test" }).waitFor();
      await page.getByLabel("E-mail address").fill("dora@example.test");
      await page.getByLabel("Mail an invitation").uncheck();
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.getByText("This address has an account already.").waitFor();
      await page.getByLabel("E-mail address").fill("emil@example.test");
      await page.getByRole("button", { name: "Make the account" }).click();
      await page.getByText("The account is there.", { exact: true }).waitFor();
      await go(anna, "/inbox");
      await page.getByText("dora@example.test").first().waitFor();
      expect(await page.getByText("emil@example.test").count()).toBe(0);
    },
    FLOW_MS_MAX,
  );

  test(
    "a role cannot be given for a time that is over, and the field says so",
    async () => {
      const { page } = anna;
      await go(anna, "/people");
      await page.getByRole("link", { name: "emil@example.test" }).click();
      await page.getByLabel("Why").fill("Helps for a while");
      for (const days of ["-3", "0", "1.5", "99999"]) {
        await page.getByLabel("For so many days").fill(days);
        await page.getByRole("button", { name: /^(Ask for|Give) the role$/ }).click();
        await page.getByText("A whole number of days from 1 to 3650, or nothing.").waitFor();
      }
      await page.getByLabel("For so many days").fill("3");
      await page.getByRole("button", { name: /^(Ask for|Give) the role$/ }).click();
      await page.getByText(/^(Asked for|Given)\./).waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "the sessions of everybody are listed in plain words, found by address, and ended one by one and all at once",
    async () => {
      const { page } = anna;
      const signedIn = [await openPage(browser), await openPage(browser), await openPage(browser)];
      for (const { page: theirs } of signedIn) {
        await theirs.goto(`${platform.origin}/sign-in`);
        await theirs.getByLabel("E-mail address").fill("carl@example.test");
        await theirs.getByLabel("Password").fill(password);
        await theirs.getByRole("button", { name: "Sign in", exact: true }).click();
        await theirs.getByRole("heading", { level: 1, name: "Library" }).waitFor();
      }
      await go(anna, "/sessions");
      await page.getByRole("searchbox", { name: "Address begins with" }).fill("carl");
      const rows = page.getByRole("row", { name: /carl@example\.test/ });
      await expect.poll(() => rows.count()).toBe(3);
      expect(await rows.first().textContent()).toMatch(/Chrom\w* on Linux/);
      expect(await rows.first().textContent()).toContain("not given");
      expect(
        await page
          .getByText(/Mozilla\/5\.0/)
          .first()
          .isVisible(),
      ).toBe(false);
      await rows
        .first()
        .getByText(/Chrom\w* on Linux/)
        .click();
      await page
        .getByText(/Mozilla\/5\.0/)
        .first()
        .waitFor();
      await rows
        .first()
        .getByRole("button", { name: /^End the session of carl/ })
        .focus();
      await page.keyboard.press("Enter");
      await expect.poll(() => rows.count()).toBe(2);
      await rows.first().getByRole("button", { name: "End all, carl@example.test" }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "End all" }).click();
      await page.getByText("Nobody who matches is signed in.").waitFor();
      for (const { page: theirs, context } of signedIn) {
        await theirs.goto(`${platform.origin}/account`);
        await theirs.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
        await context.close();
      }
    },
    FLOW_MS_MAX,
  );

  test(
    "one's own sessions say which one is this browser, and the others are ended from here",
    async () => {
      const second = await openPage(browser);
      await second.page.goto(`${platform.origin}/sign-in`);
      await second.page.getByLabel("E-mail address").fill(platform.administrator.email);
      await second.page.getByLabel("Password").fill(platform.administrator.password);
      await second.page.getByRole("button", { name: "Sign in", exact: true }).click();
      await second.page.getByRole("heading", { level: 1, name: "Second factor" }).waitFor();
      const { page } = anna;
      await go(anna, "/your-sessions");
      await page.getByRole("heading", { level: 2, name: /on Linux this browser$/ }).waitFor();
      await page.getByText("password only").waitFor();
      await page.getByRole("button", { name: "End all others" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "End all others" }).waitFor({ state: "detached" });
      expect(await page.getByRole("listitem").filter({ hasText: "this browser" }).count()).toBe(1);
      await second.context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "who has which second factor is one page: a privileged account without any stands first, a factor is removed with a reason",
    async () => {
      const { page } = anna;
      await platform.createAccount({ email: "bare@example.test", password, roles: ["admin"] });
      const fern = await openPage(browser);
      await platform.createAccount({ email: "fern@example.test", password, roles: ["reader"] });
      await fern.page.goto(`${platform.origin}/sign-in?from=%2Faccount%2Fsecurity`);
      await fern.page.getByLabel("E-mail address").fill("fern@example.test");
      await fern.page.getByLabel("Password").fill(password);
      await fern.page.getByRole("button", { name: "Sign in", exact: true }).click();
      await fern.page.getByRole("button", { name: "Set up a second factor" }).click();
      const secret = (await fern.page.locator("code.secret").textContent()) ?? "";
      await fern.page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret));
      await fern.page.getByRole("button", { name: "Confirm", exact: true }).click();
      await fern.page.getByRole("button", { name: "Remove Authenticator" }).waitFor();
      await fern.context.close();

      await go(anna, "/factors");
      const bare = page.getByRole("region", { name: "Privileged accounts without a second factor" });
      await bare.getByRole("link", { name: "bare@example.test" }).waitFor();
      expect(await bare.getByRole("link", { name: "bea@example.test" }).count()).toBe(0);
      await page.getByLabel("Show").selectOption({ label: "with a second factor or a passkey" });
      await page.getByLabel("only roles that need approval").check();
      await page.getByRole("row", { name: /bea@example\.test.*by the operator only/ }).waitFor();
      expect(await page.getByRole("row", { name: /fern@example\.test/ }).count()).toBe(0);
      await page.getByLabel("only roles that need approval").uncheck();
      await page.getByRole("button", { name: "Remove the factor, fern@example.test" }).focus();
      await page.keyboard.press("Enter");
      await page.getByLabel("Note").fill("Lost the phone; known by voice");
      await page.getByRole("dialog").getByRole("button", { name: "Remove the factor" }).click();
      await page.getByRole("row", { name: /fern@example\.test/ }).waitFor({ state: "detached" });
      await page.getByLabel("Show").selectOption({ label: "with a password alone" });
      await page.getByRole("row", { name: /fern@example\.test none/ }).waitFor();
      await go(anna, "/events");
      await page
        .getByText(/factor\.removed/)
        .first()
        .waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "sign-ins, ways in and the inbox are reached, read and left by the keyboard alone",
    async () => {
      const { page } = anna;
      await go(anna, "/people");
      const choose = async (name: string, title: string) => {
        await page.getByRole("navigation").getByRole("link", { name, exact: true }).press("Enter");
        await page.getByRole("heading", { level: 1, name: title }).waitFor();
        await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("content");
      };
      await choose("Sign-ins", "Sign-ins");
      await page.getByRole("region", { name: "Sign-ins, newest first" }).waitFor();
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe("Sign-ins, newest first");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/console\/people\/[0-9a-f-]{36}$/);
      await choose("Ways in", "Ways to sign in");
      await page.getByRole("region", { name: "Ways to sign in" }).waitFor();
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe("Ways to sign in");
      await choose("Inbox", "Inbox");
      await page.getByText("dora@example.test").first().waitFor();
      const scrolled = page.waitForFunction(() => scrollY > 0);
      await page.keyboard.press("End");
      await scrolled;
    },
    FLOW_MS_MAX,
  );

  for (const colorScheme of ["light", "dark"] as const) {
    test(
      `axe finds nothing serious on any of these pages, ${colorScheme}`,
      async () => {
        const { page } = anna;
        await page.emulateMedia({ colorScheme });
        await go(anna, "/people");
        const person = await page.getByRole("link", { name: "dora@example.test" }).getAttribute("href");
        const paths = ["/people", "/factors", "/sessions", "/roles", "/access", "/sign-ins", "/providers", "/inbox"];
        for (const path of [...paths, (person ?? "").replace("/console", "")]) {
          await go(anna, path);
          await page.getByRole("heading", { level: 1 }).waitFor();
          await expect.poll(() => page.getByText(/^Loading/).count()).toBe(0);
          expect(await seriousFindings(page), path).toEqual([]);
          const name = path.startsWith("/people/") ? "person-page" : path.slice(1);
          await page.screenshot({ path: join(pictures, `console-${name}-${colorScheme}.png`), fullPage: true });
        }
      },
      FLOW_MS_MAX,
    );
  }

  test(
    "on a phone every page fits",
    async () => {
      const { page } = anna;
      await page.setViewportSize({ width: 390, height: 900 });
      for (const path of ["/people", "/factors", "/sessions", "/roles", "/access", "/sign-ins", "/your-sessions"]) {
        await go(anna, path);
        await page.getByRole("heading", { level: 1 }).waitFor();
        await expect.poll(() => page.getByText(/^Loading/).count()).toBe(0);
        const isWhole = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        expect(isWhole, path).toBe(true);
        await page.screenshot({ path: join(pictures, `console-${path.slice(1)}-narrow.png`) });
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    },
    FLOW_MS_MAX,
  );

  test(
    "an administrator acts as somebody with a reason; a banner says so, the console stays shut, and it ends",
    async () => {
      const { page } = bea;
      await go(bea, "/people");
      await page.getByRole("link", { name: "carl@example.test" }).click();
      await page.getByRole("button", { name: "Act as this person" }).click();
      await page.getByLabel("Note").fill("Ticket 812: does not see a draft");
      await page.getByRole("dialog").getByRole("button", { name: "Act as this person" }).click();
      const banner = page.getByRole("region", { name: "Acting as somebody else" });
      await banner.getByText(/You act as carl@example\.test until .*Ticket 812/).waitFor();
      await page.screenshot({ path: join(pictures, "acting.png") });
      expect(await seriousFindings(page)).toEqual([]);
      const answer = await page.request.get(`${platform.origin}/platform/v1/people`, { failOnStatusCode: false });
      expect(answer.status()).toBe(403);
      await banner.getByRole("button", { name: "Stop acting" }).click();
      await page.waitForURL(/\/console\/sign-in/);
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    for (const { violations, errors } of [anna, bea]) {
      expect(violations).toEqual([]);
      expect(errors).toEqual([]);
    }
  });
});
