import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "@holdfast/policy";
import type { InboxPage } from "@holdfast/server/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withAdministrator } from "../../packages/cli/src/deployment/administrator-client.ts";
import { loadProject } from "../../packages/cli/src/project.ts";
import { silentTerminal } from "../../packages/cli/src/terminal.ts";
import { root } from "../source-tree.ts";
import { enterPassword, heading, press } from "./page-steps.ts";
import { openBrowser, openPage, seriousFindings, totpCode, type WatchedPage } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const pictures = join(root, "test-results");
const password = "orbit velvet cactus lantern";
const other = "seven quiet harbours waiting";
const [ada, bob] = ["ada@example.test", "bob@example.test"];
/** An address gets one message a minute, so each of these gets its own. */
const [carol, dora, moved] = ["carol@example.test", "dora@example.test", "dora@elsewhere.test"];
const [eve, evesOther] = ["eve@example.test", "eve@elsewhere.test"];
const [finn, finnsNumber] = ["finn@example.test", "+1 202 555 0143"];
/** A code is good once, and the one after it is accepted already. */
const CODE_STEP_MS = 30_000;

let platform: StartedPlatform;
let browser: Browser;

/** The example's policy, where text messages are a second factor too. */
const withTextMessages = (policy: Policy): Policy => {
  const { identity } = policy;
  return { ...policy, identity: { ...identity, factors: { ...identity.factors, phone: true } } };
};

const open = (page: Page, path: string) => page.goto(`${platform.origin}${path}`);

/** As if the minute between two messages had passed. */
const forgetAttempts = async (): Promise<void> =>
  withAdministrator(await loadProject(platform.folder), silentTerminal, async (client) => {
    await client.query("delete from auth.attempts");
  });

type Mail = InboxPage["messages"][number];

/** The newest message of the kind to the address: it goes out after the answer to whoever asked for it. */
async function mailTo(address: string, kind: string, after = 0): Promise<Mail> {
  const find = async () => {
    const { messages } = await platform.opened.client.get<InboxPage>("/inbox");
    return messages.filter((message) => message.to.address === address && message.kind === kind);
  };
  await expect.poll(async () => (await find()).length, { timeout: 10_000 }).toBeGreaterThan(after);
  return (await find())[0] as Mail;
}

async function fillSignUp(page: Page, email: string): Promise<void> {
  await open(page, "/sign-up");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await press(page, "Create account");
  await heading(page, "Look at your mail").waitFor();
}

async function follow(page: Page, link: string | undefined, button: string): Promise<void> {
  await page.goto(link ?? "about:blank");
  await press(page, button);
}

async function signIn(page: Page, email: string, secret: string): Promise<void> {
  await open(page, "/sign-in");
  await enterPassword(page, email, secret);
}

describe("what goes by mail, in a real browser", () => {
  let watched: WatchedPage;
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(withTextMessages), openBrowser()]);
    for (const email of [carol, dora, eve, finn]) await platform.createAccount({ email, password, roles: ["reader"] });
    watched = await openPage(browser);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "an account counts once its address is confirmed by the link, which works once",
    async () => {
      const { page } = watched;
      await fillSignUp(page, ada);
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByText("in the terminal").waitFor();
      await page.screenshot({ path: join(pictures, "mail-sent.png"), fullPage: true });
      await signIn(page, ada, password);
      await page.getByText("Confirm your address first").waitFor();
      const { link } = await mailTo(ada, "confirm-sign-up");
      await page.goto(link ?? "about:blank");
      expect(await seriousFindings(page)).toEqual([]);
      await press(page, "Confirm the address");
      await heading(page, "Library").waitFor();
      expect(page.url()).toBe(`${platform.origin}/`);
      await page.goto(link ?? "about:blank");
      await heading(page, "This did not work").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "or by the code that is typed in, after a wrong one",
    async () => {
      const { page, context } = await openPage(browser);
      await fillSignUp(page, bob);
      await page.getByRole("textbox", { name: "Code" }).fill("000000");
      await press(page, "Go on");
      await page.getByText("That code is wrong, was used, or has run out.").waitFor();
      await page.getByRole("textbox", { name: "Code" }).fill((await mailTo(bob, "confirm-sign-up")).code ?? "");
      await press(page, "Go on");
      await heading(page, "Library").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "whoever forgot the password chooses another from the mailbox, and signs in with that one only",
    async () => {
      const { page, context, violations } = await openPage(browser);
      await open(page, "/sign-in");
      await page.getByRole("link", { name: "Forgotten your password?" }).click();
      await heading(page, "Forgotten password").waitFor();
      await page.getByLabel("E-mail address").fill(carol);
      await press(page, "Send it");
      await heading(page, "Look at your mail").waitFor();
      await follow(page, (await mailTo(carol, "recover")).link, "Go on");
      await heading(page, "New password").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByLabel("New password").fill(other);
      await press(page, "Use this password");
      await heading(page, "Library").waitFor();
      await press(page, "Sign out");
      await signIn(page, carol, password);
      await page.getByText("The e-mail address or the password is wrong.").waitFor();
      await signIn(page, carol, other);
      await heading(page, "Library").waitFor();
      expect(violations).toEqual([]);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "somebody signs in by mail without a password, and nobody learns which addresses have accounts",
    async () => {
      const { page, context } = await openPage(browser);
      const ask = async (email: string) => {
        await open(page, "/sign-in/mail?from=%2Fteams");
        await page.getByLabel("E-mail address").fill(email);
        await press(page, "Send it");
        await heading(page, "Look at your mail").waitFor();
        return (await page.getByRole("main").textContent())?.replaceAll(email, "…");
      };
      expect(await ask("nobody@example.test")).toBe(await ask(bob));
      await page.getByRole("textbox", { name: "Code" }).fill((await mailTo(bob, "sign-in")).code ?? "");
      await press(page, "Go on");
      await heading(page, "Teams").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "another address counts once both the old and the new one have confirmed it",
    async () => {
      const { page, context } = await openPage(browser);
      await signIn(page, dora, password);
      await heading(page, "Library").waitFor();
      await open(page, "/account");
      await page.getByLabel("New address").fill(moved);
      await press(page, "Change address");
      await page.getByText(`Waiting to be confirmed: ${moved}`).waitFor();
      await page.screenshot({ path: join(pictures, "address.png"), fullPage: true });
      await follow(page, (await mailTo(dora, "confirm-email-change")).link, "Confirm the change");
      await page.getByText("Confirm it from your other address as well").waitFor();
      await page.getByRole("link", { name: "Go to your content" }).click();
      await heading(page, "Library").waitFor();
      await follow(page, (await mailTo(moved, "confirm-email-change")).link, "Confirm the change");
      await heading(page, "Library").waitFor();
      await open(page, "/account");
      await page.locator("dd", { hasText: moved }).waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "the session that the last link begins is asked for the second factor at once, and told why",
    async () => {
      const { page, context } = await openPage(browser);
      await signIn(page, eve, password);
      await heading(page, "Library").waitFor();
      await open(page, "/account/security");
      await press(page, "Set up a second factor");
      const secret = (await page.locator("code.secret").textContent()) ?? "";
      await page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret));
      await press(page, "Confirm");
      await page.getByText("asks for a code of your authenticator").waitFor();
      await open(page, "/account");
      await page.getByLabel("New address").fill(evesOther);
      await press(page, "Change address");
      await page.getByText(`Waiting to be confirmed: ${evesOther}`).waitFor();
      await follow(page, (await mailTo(eve, "confirm-email-change")).link, "Confirm the change");
      await page.getByRole("link", { name: "Go to your content" }).waitFor();
      await follow(page, (await mailTo(evesOther, "confirm-email-change")).link, "Confirm the change");
      await heading(page, "Second factor").waitFor();
      await page.getByText("began a new session").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret, Date.now() + CODE_STEP_MS));
      await press(page, "Confirm");
      await heading(page, "Library").waitFor();
      await open(page, "/account");
      await page.locator("dd", { hasText: evesOther }).waitFor();
      await page.getByText("Confirmed with a second factor").waitFor();
      await press(page, "Sign out");
      await open(page, "/sign-in/mail?from=%2Fteams");
      await page.getByLabel("E-mail address").fill(evesOther);
      await press(page, "Send it");
      await page.getByRole("textbox", { name: "Code" }).fill((await mailTo(evesOther, "sign-in")).code ?? "");
      await press(page, "Go on");
      // A mailed code stands for the password, never for the second factor.
      await heading(page, "Second factor").waitFor();
      await page.getByText("began a new session").waitFor();
      expect(new URL(page.url()).searchParams.get("from")).toBe("/teams");
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "a number becomes a second factor by the keyboard alone, and the next sign-in asks for the code that is sent to it",
    async () => {
      const { page } = watched;
      await page.context().clearCookies();
      await signIn(page, finn, password);
      await heading(page, "Library").waitFor();
      await open(page, "/account/security");
      await page.getByLabel("Phone number").focus();
      await page.keyboard.type("not a number");
      await page.keyboard.press("Enter");
      await page.getByText("Write the number with its country code").waitFor();
      await page.getByLabel("Phone number").fill("");
      await page.getByLabel("Phone number").focus();
      await page.keyboard.type(finnsNumber);
      await page.keyboard.press("Enter");
      await page.getByText("A code was sent to +12025550143.").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "phone-factor.png"), fullPage: true });
      // The field has the focus already.
      await page.keyboard.type((await mailTo("12025550143", "phone-code")).code ?? "");
      await page.keyboard.press("Enter");
      await page.getByRole("list", { name: "Your numbers" }).getByText("+12025550143", { exact: true }).waitFor();
      expect(await seriousFindings(page)).toEqual([]);

      await press(page, "Sign out");
      await signIn(page, finn, password);
      await heading(page, "Second factor").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      const send = page.getByRole("button", { name: "Send a code to +12025550143" });
      await send.press("Enter");
      // One message a minute goes to a number: it is said, and nothing is sent.
      await page.getByText("Too many attempts").waitFor();
      expect(await page.getByRole("textbox", { name: "Code" }).count()).toBe(0);
      await forgetAttempts();
      await send.press("Enter");
      await page.getByText("A code was sent to +12025550143.").waitFor();
      await page.keyboard.type((await mailTo("12025550143", "phone-code", 1)).code ?? "");
      await page.keyboard.press("Enter");
      await heading(page, "Library").waitFor();
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    expect([watched.violations, watched.errors]).toEqual([[], []]);
  });
});
