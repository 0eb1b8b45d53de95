import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { enterPassword, heading, press } from "./page-steps.ts";
import { openBrowser, openPage, seriousFindings, type WatchedPage } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const pictures = join(root, "test-results");
const password = "orbit velvet cactus lantern";
const [ada, bob] = ["ada@example.test", "bob@example.test"];

let platform: StartedPlatform;
let browser: Browser;
let author: WatchedPage;
let reader: WatchedPage;

const open = (page: Page, path: string) => page.goto(`${platform.origin}${path}`);

async function enter(page: Page, email: string): Promise<void> {
  await open(page, "/sign-in");
  await enterPassword(page, email, password);
}

async function signedIn(email: string): Promise<WatchedPage> {
  const watched = await openPage(browser);
  await enter(watched.page, email);
  await heading(watched.page, "Library").waitFor();
  return watched;
}

/** What a person reads on their own account page and tells to others. */
async function accountId({ page }: WatchedPage): Promise<string> {
  await open(page, "/account");
  return (await page.locator("dd code").textContent()) ?? "";
}

describe("people work together in a real browser", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    for (const email of [ada, bob]) await platform.createAccount({ email, password, roles: ["reader"] });
    [author, reader] = [await signedIn(ada), await signedIn(bob)];
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "a team is founded, somebody is taken in and reads its drafts, and leaves again",
    async () => {
      const { page } = author;
      await open(page, "/teams");
      await page.getByLabel("New team").fill("Gardeners");
      await press(page, "Create team");
      await page.getByRole("link", { name: "Gardeners" }).click();
      await heading(page, "Gardeners").waitFor();
      await page.getByLabel("Their account id").fill("not an id");
      await press(page, "Take in");
      expect(await page.getByText("They are in the team now.").count()).toBe(0);
      await page.getByLabel("Their account id").fill(await accountId(reader));
      await press(page, "Take in");
      await page.getByText("They are in the team now.").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "team.png"), fullPage: true });

      await open(page, "/content/new");
      await page.getByLabel("Title").fill("Frost in May");
      await page.getByLabel("Team").selectOption({ label: "Gardeners" });
      await press(page, "Create");
      await heading(page, "Frost in May").waitFor();

      await open(reader.page, "/");
      await reader.page.getByRole("link", { name: "Frost in May" }).click();
      await heading(reader.page, "Frost in May").waitFor();
      expect(await reader.page.getByRole("heading", { name: "Shared with" }).count()).toBe(0);
      await open(reader.page, "/teams");
      await reader.page.getByRole("link", { name: "Gardeners" }).click();
      await heading(reader.page, "Gardeners").waitFor();
      expect(await reader.page.getByRole("heading", { name: "Take somebody in" }).count()).toBe(0);
      expect(await reader.page.getByRole("button", { name: "Remove" }).count()).toBe(0);
      await press(reader.page, "Leave");
      await press(reader.page, "Leave it");
      await reader.page.getByText("You are in no team.").waitFor();
      await open(reader.page, "/");
      await reader.page.getByText("Nothing here yet.").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "content is shared with one person, who reads it until it is taken back",
    async () => {
      const { page } = author;
      await open(page, "/content/new");
      await page.getByLabel("Title").fill("On grafting");
      await press(page, "Create");
      await heading(page, "On grafting").waitFor();
      await page.getByLabel("Their account id").fill(await accountId(reader));
      await press(page, "Share");
      await page.getByText("Without end", { exact: true }).waitFor();
      await page.getByLabel("Their account id").fill(await accountId(reader));
      await press(page, "Share");
      await page.getByText("It is shared with this person already.").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "shares.png"), fullPage: true });
      await open(reader.page, "/");
      await reader.page.getByRole("link", { name: "On grafting" }).waitFor();
      await page.getByRole("button", { name: /^Take back/ }).click();
      await page.getByText("Nobody but those who may read it anyway.").waitFor();
      await open(reader.page, "/");
      await reader.page.getByText("Nothing here yet.").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "an author's private note is read by the author alone, and removed again",
    async () => {
      const { page } = author;
      await open(page, "/content/new");
      await page.getByLabel("Title").fill("On pruning");
      await page.getByLabel("Status").selectOption({ label: "Published" });
      await press(page, "Create");
      await heading(page, "On pruning").waitFor();
      await page.getByLabel("Note", { exact: true }).fill("ask the neighbour for her shears");
      await press(page, "Add note");
      await page.getByText("ask the neighbour for her shears").waitFor();
      await page.reload();
      await page.getByText("ask the neighbour for her shears").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "notes.png"), fullPage: true });
      await open(reader.page, "/");
      await reader.page.getByRole("link", { name: "On pruning" }).click();
      await heading(reader.page, "On pruning").waitFor();
      expect(await heading(reader.page, "Private notes").count()).toBe(0);
      await page.getByRole("button", { name: /^Remove the note/ }).click();
      await page.getByText("No notes yet.").waitFor();
      await open(page, "/");
      await page.getByRole("link", { name: "On pruning" }).click();
      await press(page, "Delete");
      await press(page, "Delete it");
      await heading(page, "Library").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "somebody who signs out everywhere is signed out in every browser",
    async () => {
      const other = await signedIn(bob);
      await open(reader.page, "/account/sessions");
      await reader.page.getByText("This session", { exact: true }).waitFor();
      await reader.page.screenshot({ path: join(pictures, "sessions.png"), fullPage: true });
      await press(reader.page, "Sign out everywhere");
      await reader.page.getByRole("dialog").getByRole("button", { name: "Sign out everywhere" }).click();
      await heading(reader.page, "Sign in").waitFor();
      await open(other.page, "/account");
      await heading(other.page, "Sign in").waitFor();
      await other.context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "somebody deletes their own account after a question, by keyboard, and cannot sign in again",
    async () => {
      const { page, context } = await openPage(browser);
      const leaver = "leaver@example.test";
      await platform.createAccount({ email: leaver, password, roles: ["reader"] });
      await enter(page, leaver);
      await heading(page, "Library").waitFor();
      await open(page, "/account");
      await page.getByRole("button", { name: "Delete my account" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Delete my account" }).click();
      await press(page, "Delete it");
      await heading(page, "Sign in").waitFor();
      await enter(page, leaver);
      await page.getByText("The e-mail address or the password is wrong.").waitFor();
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    for (const { violations, errors } of [author, reader]) expect([violations, errors]).toEqual([[], []]);
  });
});
