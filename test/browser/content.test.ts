import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { enterPassword, heading, press } from "./page-steps.ts";
import { openBrowser, openPage, seriousFindings, totpCode, type WatchedPage } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
/** RFC 6238 §4.1: the time step of a code. A code is good once, so the next sign-in takes the next step's. */
const CODE_STEP_MS = 30_000;
const pictures = join(root, "test-results");
const password = "orbit velvet cactus lantern";
const ada = "ada@example.test";
const editor = "editor@example.test";

let platform: StartedPlatform;
let browser: Browser;
let author: WatchedPage;
let secret: string;

const open = (page: Page, path: string) => page.goto(`${platform.origin}${path}`);

const signIn = (page: Page, email: string, secretWord = password) => enterPassword(page, email, secretWord);

describe("the content application in a real browser", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    await platform.createAccount({ email: editor, password, roles: ["editor"] });
    author = await openPage(browser);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "a protected page leads to signing in, signing up leads back to it",
    async () => {
      const { page } = author;
      await open(page, "/content/new");
      await heading(page, "Sign in").waitFor();
      expect(new URL(page.url()).searchParams.get("from")).toBe("/content/new");
      await page.getByRole("main").getByRole("link", { name: "Sign up" }).click();
      await heading(page, "Sign up").waitFor();
      await page.getByLabel("E-mail address").fill(ada);
      await page.getByLabel("Password").fill(password);
      await press(page, "Create account");
      await heading(page, "Look at your mail").waitFor();
      await page.getByRole("textbox", { name: "Code" }).fill(await platform.mailedCode(ada));
      await press(page, "Go on");
      await heading(page, "New content").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a script reads no token: neither in a cookie nor in storage nor in an answer",
    async () => {
      const { page, context } = author;
      const seen = await page.evaluate(async () => {
        const answer = await fetch("/auth/v1/token?grant_type=refresh_token", {
          method: "POST",
          headers: { "content-type": "application/json", "x-use-cookie": "session" },
          body: "{}",
        });
        return {
          cookie: document.cookie,
          storage: JSON.stringify({ ...localStorage, ...sessionStorage }),
          answer: await answer.text(),
        };
      });
      const cookies = await context.cookies();
      const tokens = cookies.filter((cookie) => cookie.name.startsWith("__Host-"));
      expect(
        tokens.map(({ name, httpOnly, secure, sameSite, path }) => ({ name, httpOnly, secure, sameSite, path })),
      ).toEqual(
        ["__Host-access", "__Host-refresh"].map((name) => ({
          name,
          httpOnly: true,
          secure: true,
          sameSite: "Strict",
          path: "/",
        })),
      );
      for (const { value } of tokens) expect(JSON.stringify(seen)).not.toContain(value);
      expect(seen.cookie).toBe("");
      expect(seen.storage).not.toContain("eyJ");
    },
    FLOW_MS_MAX,
  );

  test(
    "content is created, edited, published and deleted after a question",
    async () => {
      const { page } = author;
      await open(page, "/content/new");
      await page.getByLabel("Title").fill("On the keeping of gardens");
      await page.getByLabel("Text").fill("Every garden begins with a wall.");
      await press(page, "Create");
      await heading(page, "On the keeping of gardens").waitFor();
      await page.getByRole("link", { name: "Edit" }).click();
      await heading(page, "Edit content").waitFor();
      await page.getByLabel("Title").fill("On the opening of gardens");
      await page.getByLabel("Status").selectOption("published");
      await press(page, "Save");
      await heading(page, "On the opening of gardens").waitFor();
      await page.getByRole("link", { name: "Library" }).click();
      await page.getByRole("link", { name: "On the opening of gardens" }).waitFor();
      await page.screenshot({ path: join(pictures, "content.png") });
      await page.getByRole("link", { name: "On the opening of gardens" }).click();
      await press(page, "Delete");
      await page.keyboard.press("Escape");
      await heading(page, "On the opening of gardens").waitFor();
      await press(page, "Delete");
      await press(page, "Delete it");
      await page.getByText("Nothing here yet.").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "text that looks like markup is shown as text",
    async () => {
      const { page } = author;
      const title = "<img src=x onerror=document.title='taken'>";
      await open(page, "/content/new");
      await page.getByLabel("Title").fill(title);
      await page.getByLabel("Text").fill("<script>document.title='taken'</script>");
      await press(page, "Create");
      expect(await heading(page, title).textContent()).toBe(title);
      expect(await page.title()).not.toBe("taken");
    },
    FLOW_MS_MAX,
  );

  test(
    "a reader is refused the editors' page before its code is loaded, by address and by link",
    async () => {
      const { page } = author;
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).pathname));
      await open(page, "/editors");
      await heading(page, "Not allowed").waitFor();
      expect(new URL(page.url()).pathname).toBe("/unauthorized");
      await open(page, "/");
      await heading(page, "Library").waitFor();
      expect(await page.getByRole("link", { name: "Editors" }).count()).toBe(0);
      // What somebody would do who has changed the page's own script.
      await page.evaluate(() => {
        history.pushState(null, "", "/editors");
        dispatchEvent(new PopStateEvent("popstate"));
      });
      await heading(page, "Not allowed").waitFor();
      expect(asked.filter((path) => path.includes("editors"))).toEqual(["/editors"]);
    },
    FLOW_MS_MAX,
  );

  test(
    "an editor opens the editors' page and reads a draft there, but cannot edit it",
    async () => {
      const { page, context, violations } = await openPage(browser);
      await open(page, "/editors");
      await heading(page, "Sign in").waitFor();
      await signIn(page, editor);
      await heading(page, "Editors’ queue").waitFor();
      await page.getByRole("link", { name: /img src=x/ }).click();
      await heading(page, /img src=x/).waitFor();
      expect(await page.getByRole("link", { name: "Edit", exact: true }).count()).toBe(0);
      expect(await page.getByRole("button", { name: "Delete" }).count()).toBe(0);
      expect(violations).toEqual([]);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "a second factor is set up, and asked for at the next sign-in before any page is shown",
    async () => {
      const { page } = author;
      await open(page, "/account/security");
      await press(page, "Set up a second factor");
      await page.getByRole("img", { name: /QR code/ }).waitFor();
      secret = (await page.locator("code.secret").textContent()) ?? "";
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret));
      await press(page, "Confirm");
      await page.getByText("signing in asks for a code").waitFor();
      await page.getByRole("link", { name: "Profile" }).click();
      await page.getByText("Confirmed with a second factor").waitFor();
      await press(page, "Sign out");
      await heading(page, "Sign in").waitFor();
      await signIn(page, ada);
      await heading(page, "Second factor").waitFor();
      await open(page, "/account");
      await heading(page, "Second factor").waitFor();
      await page.getByRole("textbox", { name: "Code" }).fill("000000");
      await press(page, "Confirm");
      await page.getByText("That code is wrong").waitFor();
      await page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret, Date.now() + CODE_STEP_MS));
      await press(page, "Confirm");
      await heading(page, "Account").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a session of another browser is listed and ended, and that browser is signed out",
    async () => {
      const other = await openPage(browser);
      const mine = await openPage(browser);
      for (const { page } of [other, mine]) {
        await open(page, "/sign-in");
        await signIn(page, editor);
        await heading(page, "Library").waitFor();
      }
      await open(mine.page, "/account/sessions");
      await press(mine.page, "End all other sessions");
      await mine.page.getByRole("button", { name: "End all other sessions" }).waitFor({ state: "detached" });
      await open(other.page, "/account");
      await heading(other.page, "Sign in").waitFor();
      await Promise.all([other.context.close(), mine.context.close()]);
    },
    FLOW_MS_MAX,
  );

  test(
    "a page opened after the access token has ended comes back by itself, without signing in again",
    async () => {
      const { page, context } = await openPage(browser);
      await open(page, "/sign-in");
      await signIn(page, editor);
      await heading(page, "Library").waitFor();
      // What the browser does with a cookie whose time has come.
      await context.clearCookies({ name: "__Host-access" });
      await open(page, "/editors");
      await heading(page, "Editors’ queue").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "a role that counts only with a second factor leads to setting one up, by address and by link",
    async () => {
      const { page, context } = await openPage(browser);
      await open(page, "/sign-in?from=%2Feditors");
      await signIn(page, platform.administrator.email, platform.administrator.password);
      await heading(page, "Security").waitFor();
      await page.getByText("needs a second factor. Set one up below.").waitFor();
      await open(page, "/editors");
      await heading(page, "One step more").waitFor();
      await page.getByRole("link", { name: "Set up a second factor" }).click();
      await heading(page, "Security").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "signing out in one tab hides what another tab shows",
    async () => {
      const { page, context } = await openPage(browser);
      await open(page, "/sign-in");
      await signIn(page, editor);
      await heading(page, "Library").waitFor();
      const second = await context.newPage();
      await open(second, "/account");
      await heading(second, "Account").waitFor();
      await press(page, "Sign out");
      await heading(second, "Sign in").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "somebody with a keyboard alone signs in, and is told where they are",
    async () => {
      const { page, context } = await openPage(browser);
      await open(page, "/sign-in");
      await heading(page, "Sign in").waitFor();
      await page.keyboard.press("Tab");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
      await page.keyboard.press("Enter");
      await page.keyboard.press("Tab");
      await page.keyboard.type(editor);
      await page.keyboard.press("Tab");
      await page.keyboard.type("a wrong password");
      await page.keyboard.press("Enter");
      await page.getByText("The e-mail address or the password is wrong.").waitFor();
      expect(await page.locator("[aria-live=assertive]", { hasText: "is wrong" }).count()).toBe(1);
      await page.keyboard.press("ControlOrMeta+a");
      await page.keyboard.type(password);
      await page.keyboard.press("Enter");
      await heading(page, "Library").waitFor();
      await page.waitForFunction(() => document.activeElement?.tagName === "H1");
      expect(await page.title()).toBe("Library · Content");
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "a link that promises to lead elsewhere after signing in leads home",
    async () => {
      const { page, context } = await openPage(browser);
      await open(page, "/sign-in?from=%2F%5Cevil.example");
      await signIn(page, editor);
      await heading(page, "Library").waitFor();
      expect(new URL(page.url()).origin).toBe(platform.origin);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test.each(["light", "dark"] as const)(
    "axe finds nothing serious on any page, %s",
    async (colorScheme) => {
      const { page, context, violations, errors } = await openPage(browser, { colorScheme });
      const findings: string[] = [];
      const look = async (path: string, title: string | RegExp) => {
        await open(page, path);
        await heading(page, title).waitFor();
        findings.push(...(await seriousFindings(page)).map((finding) => `${path} ${finding}`));
      };
      await look("/", "Content");
      await look("/sign-up", "Sign up");
      await look("/sign-in/mail", "Sign in by mail");
      await look("/forgotten", "Forgotten password");
      await look("/sign-in", "Sign in");
      await signIn(page, editor);
      await heading(page, "Library").waitFor();
      await look("/", "Library");
      await look("/content/new", "New content");
      await look("/editors", "Editors’ queue");
      await look("/account", "Account");
      await page.screenshot({ path: join(pictures, `account-${colorScheme}.png`), fullPage: true });
      await look("/account/security", "Security");
      await page.screenshot({ path: join(pictures, `security-${colorScheme}.png`), fullPage: true });
      await look("/account/sessions", "Sessions");
      await look("/teams", "Teams");
      await look("/unauthorized", "Not allowed");
      expect(findings).toEqual([]);
      expect(violations).toEqual([]);
      expect(errors).toEqual([]);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "on a narrow screen nothing is cut off",
    async () => {
      const { page, context } = await openPage(browser, { width: 360 });
      await open(page, "/sign-in?from=%2Faccount");
      await signIn(page, editor);
      await heading(page, "Account").waitFor();
      const isWhole = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      expect(await isWhole()).toBe(true);
      await open(page, "/account/sessions");
      await page.getByText("This session", { exact: true }).last().waitFor();
      expect(await isWhole()).toBe(true);
      await page.screenshot({ path: join(pictures, "sessions-narrow.png") });
      await open(page, "/account/security");
      await heading(page, "Security").waitFor();
      expect(await isWhole()).toBe(true);
      await page.screenshot({ path: join(pictures, "security-narrow.png"), fullPage: true });
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    expect(author.violations).toEqual([]);
    expect(author.errors).toEqual([]);
  });
});
