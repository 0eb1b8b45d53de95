import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { enterPassword, heading, press } from "./page-steps.ts";
import { openBrowser, openPage, seriousFindings, type WatchedPage } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const pictures = join(root, "test-results");
const password = "orbit velvet cactus lantern";
const grace = "grace@example.test";

let platform: StartedPlatform;
let browser: Browser;
let person: WatchedPage;
let devtools: CDPSession;
let authenticatorId: string;
let codes: readonly string[];
/** What the pages asked for and was not there. */
const missing: string[] = [];

const openAccount = (page: Page) => page.goto(`${platform.origin}/account/security`);

async function signInWithPassword(page: Page): Promise<void> {
  await page.goto(`${platform.origin}/sign-in`);
  await enterPassword(page, grace, password);
  await heading(page, "Sign in").waitFor({ state: "detached" });
}

async function signOut(page: Page): Promise<void> {
  await press(page, "Sign out");
  await page.goto(`${platform.origin}/sign-in`);
  await heading(page, "Sign in").waitFor();
}

/** An authenticator inside Chromium (WebAuthn domain of the DevTools protocol): keeps passkeys, and always recognises the person. */
async function plugIn(page: Page): Promise<void> {
  devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const answer = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  authenticatorId = answer.authenticatorId;
}

describe("passkeys in a real browser with an authenticator", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    await platform.createAccount({ email: grace, password, roles: ["editor"] });
    person = await openPage(browser);
    person.page.on("response", (response) => {
      if (response.status() === 404) missing.push(response.url());
    });
    await plugIn(person.page);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "a passkey is added on the account page and kept by the authenticator",
    async () => {
      const { page } = person;
      await page.goto(`${platform.origin}/sign-in`);
      await enterPassword(page, grace, password);
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
      await openAccount(page);
      await press(page, "Add a passkey");
      await page.getByRole("button", { name: "Rename Passkey" }).waitFor();
      const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      expect(credentials).toMatchObject([{ isResidentCredential: true, rpId: new URL(platform.origin).hostname }]);
      expect(await seriousFindings(page)).toEqual([]);
    },
    FLOW_MS_MAX,
  );

  test(
    "it signs in without an address and a password, and the session needs no second factor",
    async () => {
      const { page } = person;
      await signOut(page);
      await press(page, "Sign in with a passkey");
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
      await page.goto(`${platform.origin}/account`);
      await page.getByText("Confirmed with a second factor").waitFor();
      await openAccount(page);
    },
    FLOW_MS_MAX,
  );

  test(
    "the password signs in beside it without a second step, changes nothing about signing in, and the page says so",
    async () => {
      const { page } = person;
      await signOut(page);
      await enterPassword(page, grace, password);
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
      await openAccount(page);
      await page.getByText("Your password still signs in as well, and nothing more is asked for.").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByLabel("Present password").fill(password);
      await page.getByLabel("New password").fill("seven quiet harbours waiting");
      await press(page, "Change password");
      await page.getByText("Sign in with your passkey or your second factor first.").waitFor();
      // The page itself offers what is missing, and then does not any more.
      await page.getByText("You signed in without your passkey.").waitFor();
      await press(page, "Use your passkey");
      await page.getByText("You signed in without your passkey.").waitFor({ state: "detached" });
      await signOut(page);
      await press(page, "Sign in with a passkey");
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
      await openAccount(page);
    },
    FLOW_MS_MAX,
  );

  test(
    "it is named, and ten recovery codes are shown once",
    async () => {
      const { page } = person;
      await press(page, "Rename Passkey");
      await page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true }).fill("This laptop");
      await press(page, "Save");
      await page.getByRole("button", { name: "Rename This laptop" }).waitFor();
      await press(page, "Make recovery codes");
      const list = page.getByRole("list", { name: "Your new recovery codes" });
      await list.waitFor();
      codes = await list.getByRole("listitem").allTextContents();
      expect(codes).toHaveLength(10);
      await page.getByText("10 of 10 codes are left.").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await press(page, "I have kept them");
      await page.reload();
      await page.getByText("10 of 10 codes are left.").waitFor();
      await page.getByText("and one of your recovery codes is asked for next").waitFor();
      expect(await page.getByText(codes[0] ?? "none").count()).toBe(0);
    },
    FLOW_MS_MAX,
  );

  test(
    "who lost the passkey signs in with the password and a recovery code",
    async () => {
      const { page } = person;
      await signOut(page);
      await enterPassword(page, grace, password);
      await heading(page, "Second factor").waitFor();
      // Only what this person has: there is no application whose code could be typed.
      expect(await page.getByRole("textbox", { name: "Code", exact: true }).count()).toBe(0);
      await page.getByRole("button", { name: "Use your passkey" }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByText("Use a recovery code").click();
      await page.getByLabel("Recovery code").fill("aaaa-aaaa-aaaa-aaaa");
      await press(page, "Use it");
      await page.getByText("That code is wrong or was used before.").waitFor();
      await page.getByLabel("Recovery code").fill(codes[0] ?? "");
      await press(page, "Use it");
      await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
      await openAccount(page);
      await page.getByText("9 of 10 codes are left.").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a removed passkey signs in no more",
    async () => {
      const { page } = person;
      await press(page, "Remove This laptop");
      await press(page, "Remove it");
      await heading(page, "Sign in").waitFor();
      await press(page, "Sign in with a passkey");
      await page.locator(".failure").waitFor();
      expect(new URL(page.url()).pathname).toBe("/sign-in");
    },
    FLOW_MS_MAX,
  );

  test(
    "a security key is added with a name by keyboard, asked for after the password in place of a code, and removed",
    async () => {
      const { page } = person;
      await signInWithPassword(page);
      await openAccount(page);
      await page.getByRole("textbox", { name: "Name of the key" }).focus();
      await page.keyboard.type("On my keyring");
      await page.keyboard.press("Enter");
      await page
        .getByRole("list", { name: "Your security keys" })
        .getByText("On my keyring", { exact: true })
        .waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "security-key.png"), fullPage: true });
      await page.getByRole("textbox", { name: "Name of the key" }).fill("On my keyring");
      await press(page, "Add a security key");
      await page.getByText("You have a second factor of this name already.").waitFor();

      await signOut(page);
      await signInWithPassword(page);
      await heading(page, "Second factor").waitFor();
      expect(await page.getByRole("textbox", { name: "Code", exact: true }).count()).toBe(0);
      await page.screenshot({ path: join(pictures, "security-key-step.png"), fullPage: true });
      await page.getByRole("button", { name: "Use your security key" }).focus();
      await page.keyboard.press("Enter");
      await heading(page, "Library").waitFor();

      // The console asks in the same way: for the key alone.
      await signOut(page);
      await signInWithPassword(page);
      await heading(page, "Second factor").waitFor();
      await page.goto(`${platform.origin}/console/second-factor`);
      await page.getByRole("button", { name: "Use your security key" }).waitFor();
      expect(await page.getByRole("textbox", { name: "Code", exact: true }).count()).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "console-second-factor.png") });
      await press(page, "Use your security key");
      await heading(page, "Not for this account").waitFor();
      await openAccount(page);
      await press(page, "Remove On my keyring");
      await press(page, "Remove it");
      await heading(page, "Sign in").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a key that the browser would not use leaves nothing behind, and its name stays free",
    async () => {
      const { page } = person;
      await signInWithPassword(page);
      await openAccount(page);
      // What a browser answers when the person closes its prompt.
      await page.evaluate(
        'navigator.credentials.create = () => Promise.reject(new DOMException("no", "NotAllowedError"))',
      );
      await page.getByRole("textbox", { name: "Name of the key" }).fill("Lost at once");
      for (const _ of ["first", "again"]) {
        await press(page, "Add a security key");
        await page.getByText("The prompt was closed or timed out.").waitFor();
      }
      expect(await page.getByRole("list", { name: "Your security keys" }).count()).toBe(0);
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation, no uncaught error, and asked for nothing that is not there", () => {
    expect([person.violations, person.errors, missing]).toEqual([[], [], []]);
  });
});
