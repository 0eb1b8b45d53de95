// The console's pages about data: what is kept and how, against what the deployment really did.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Policy } from "@holdfast/policy";
import type { BackupStatus, KeyList, PoolList } from "@holdfast/server/api";
import pg, { type ClientConfig } from "pg";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withAdministrator } from "../../packages/cli/src/deployment/administrator-client.ts";
import { loadProject } from "../../packages/cli/src/project.ts";
import { silentTerminal } from "../../packages/cli/src/terminal.ts";
import { root } from "../source-tree.ts";
import { openBrowser, openPage, seriousFindings, type WatchedPage } from "./page-watch.ts";
import { signInWithFactor } from "./sign-in.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const BACKUP_MS_MAX = 60_000;
const pictures = join(root, "test-results");
const headings = {
  "/data": "Data",
  "/audit": "Audit",
  "/backups": "Backups",
  "/replicas": "Replicas",
  "/performance": "Performance",
  "/keys": "Keys",
} as const;
const paths = Object.keys(headings) as (keyof typeof headings)[];

let platform: StartedPlatform;
let browser: Browser;
let anna: WatchedPage;

const go = async (path: keyof typeof headings) => {
  await anna.page.goto(`${platform.origin}/console${path}`);
  await anna.page.getByRole("heading", { level: 1, name: headings[path] }).waitFor();
  await anna.page.locator('nav [aria-current="page"]').getByText(headings[path], { exact: true }).waitFor();
  await anna.page
    .getByText(/^Loading/)
    .first()
    .waitFor({ state: "detached" });
};

const withReplica = (policy: Policy): Policy => ({ ...policy, continuity: { ...policy.continuity, replicas: 1 } });

const onDatabase = async (sql: string): Promise<void> => {
  await withAdministrator(await loadProject(platform.folder), silentTerminal, (client) => client.query(sql));
};

describe("data in the console", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(withReplica), openBrowser()]);
    anna = await openPage(browser);
    await signInWithFactor(anna, platform);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "each table says how the database keeps it, who can read it, and by which line; a sealed column says so",
    async () => {
      const { page } = anna;
      await go("/data");
      const notes = page.getByRole("region", { name: "notes", exact: true });
      await notes.getByText("Row-level security is on, for the table’s owner too.").waitFor();
      await notes.getByRole("row", { name: /body text sealed, a key for each owner_id holdfast\.sealed/ }).waitFor();
      const content = page.getByRole("region", { name: "content", exact: true });
      await content
        .getByRole("row", {
          name: 'nobody signed in ◐ if tables.content.select → column("status").is("published") status is "published"',
        })
        .waitFor();
      await content.getByRole("row", { name: /^editor ● yes tables\.content\.select → role\("editor"\)/ }).waitFor();
      await content.getByRole("row", { name: /contact text, may be empty masked \(email\) text yes/ }).waitFor();
      const unmasked = content.getByRole("region", { name: "Who reads masked columns of content unmasked" });
      await unmasked.getByRole("row", { name: /^reader contact ◐ if .* owner_id is their own id/ }).waitFor();
      await unmasked.getByRole("row", { name: /^editor contact ● yes/ }).waitFor();
      await content.getByText("Who can add, change and remove rows of content").focus();
      await page.keyboard.press("Enter");
      await content.getByRole("row", { name: /^admin remove ● yes, after a second factor/ }).waitFor();
      expect(await page.getByText("not sealed yet").count()).toBe(0);
    },
    FLOW_MS_MAX,
  );

  test(
    "a change says who made it, is proven by keyboard up to the signed root, and a log that was put back says what to do",
    async () => {
      const { page } = anna;
      const id = crypto.randomUUID();
      await onDatabase(
        `INSERT INTO public.content (id, owner_id, title, body, status) SELECT '${id}', id, 'title', 'body', 'draft' FROM auth.users LIMIT 1;
         UPDATE public.content SET title = 'other' WHERE id = '${id}'`,
      );
      await go("/audit");
      await page.getByText("Audited tables: content.").waitFor();
      await page.getByRole("searchbox", { name: "Key of a row" }).fill(id);
      const changes = page.getByRole("region", { name: "Changes, newest first" });
      await changes
        .getByRole("row", { name: / holdfast_administrator update public\.content .* title Prove/ })
        .waitFor();
      expect(await changes.getByRole("row").count()).toBe(3);
      await changes
        .getByRole("button", { name: /^Prove change/ })
        .first()
        .focus();
      await page.keyboard.press("Enter");
      const proof = page.getByRole("region", { name: `Proof of ${id}` });
      await proof.getByText("leads to the signed root.").nth(1).waitFor();
      expect(await page.getByText("does not lead").count()).toBe(0);
      const newest = page.getByRole("region", { name: "Checkpoints, newest first" }).getByRole("row").nth(1);
      expect(await newest.textContent()).toMatch(/[A-Za-z0-9+/]{43}=$/);
      expect(await seriousFindings(page)).toEqual([]);
      await onDatabase("TRUNCATE holdfast_keeper.audit_positions, holdfast_keeper.audit_checkpoints");
      await go("/audit");
      await page.getByRole("alert").getByText("holdfast audit accept-restore").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
    },
    FLOW_MS_MAX,
  );

  test(
    "a backup appears by itself once it was restored on trial; a moment is tried by keyboard, and another drill is asked for",
    async () => {
      const { page } = anna;
      await go("/backups");
      const made = page.getByRole("region", { name: "Backups, newest first" });
      await made.getByText("● proven").waitFor({ timeout: BACKUP_MS_MAX });
      const moment = page.getByRole("slider", { name: "A moment" });
      await moment.focus();
      expect(await moment.getAttribute("aria-valuetext")).toMatch(/can be restored$/);
      const restore = page.getByText(/^holdfast restore --to .*Z --into FOLDER$/);
      const newest = await restore.textContent();
      expect(newest).toContain("holdfast restore");
      await page.keyboard.press("Home");
      await page.getByText("cannot be restored.").waitFor();
      const steps = page.getByRole("region", { name: "What the drill looked at" });
      await steps.getByRole("row", { name: /^policy held Roles/ }).waitFor();
      await steps.getByRole("row", { name: /^attack held Of planted rows / }).waitFor();
      const status = await platform.opened.client.get<BackupStatus>("/backups");
      await page.getByText(`${status.jobs.proven} of ${status.jobs.ended}`).waitFor();
      await page.getByRole("button", { name: "Restore the newest on trial" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("A backup is restored on trial: restoring").waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "a replica that follows is told as one, and every pool with its limit",
    async () => {
      const { page } = anna;
      await go("/replicas");
      await page.getByText("The policy asks for 1.").waitFor();
      await page
        .getByRole("region", { name: "Replicas" })
        .getByRole("row", { name: / follows [0-9.]+ s / })
        .waitFor();
      const shown = page.getByRole("region", { name: "Pools of connections" });
      const { pools } = await platform.opened.client.get<PoolList>("/pools");
      expect(await shown.getByRole("row").count()).toBe(pools.length + 1);
      for (const { name, connectionsMax } of pools)
        await shown.getByRole("row", { name: new RegExp(`^${name} [0-9]+ of ${connectionsMax} `) }).waitFor();
    },
    FLOW_MS_MAX,
  );

  test(
    "performance: a real wait for a lock is told as a tree, statements with their role and plan by keyboard, and no value is shown",
    async () => {
      const { page } = anna;
      const settings = platform.opened.target.database?.administrator as ClientConfig;
      const [holder, waiter] = [new pg.Client(settings), new pg.Client(settings)];
      await Promise.all([holder.connect(), waiter.connect()]);
      await holder.query("select pg_advisory_lock(4711)");
      const waiting = waiter.query("select pg_advisory_lock(4711), 'canary4711'");
      await go("/performance");
      const trees = page.getByRole("list", { name: "Sessions that hold up others" });
      await trees.getByText(/waits [0-9.]+ s for ExclusiveLock of a advisory/).waitFor();
      await trees.getByText("select pg_advisory_lock(?), ?").waitFor();
      await holder.query("select pg_advisory_unlock(4711)");
      await waiting;
      await Promise.all([holder.end(), waiter.end()]);
      const statements = page.getByRole("region", { name: "Statements" });
      await statements
        .getByRole("row", { name: /holdfast_identity/ })
        .first()
        .waitFor();
      await page.getByLabel("Order by").focus();
      await page.keyboard.press("ArrowDown");
      expect(await page.getByLabel("Order by").inputValue()).toBe("calls");
      const plan = statements.getByText("Plan", { exact: true }).first();
      await plan.focus();
      await page.keyboard.press("Enter");
      await statements.locator("details[open] pre").first().waitFor();
      const table = page.getByText("The load as a table");
      await table.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("region", { name: "The load, oldest first" }).getByRole("row").nth(1).waitFor();
      await page.getByText(/Growth is unproven/).waitFor();
      expect(await page.content()).not.toContain("4711");
    },
    FLOW_MS_MAX,
  );

  test(
    "each key is told with its purpose, class of data and age, and none is shown",
    async () => {
      const { page } = anna;
      await go("/keys");
      const keys = page.getByRole("region", { name: "Data keys by purpose and class of data" });
      await keys.getByRole("row", { name: /^backup database one key for all 1: ● seals and opens, made/ }).waitFor();
      const { keys: known } = await platform.opened.client.get<KeyList>("/keys");
      expect(await keys.getByRole("row").count()).toBe(known.length + 1);
    },
    FLOW_MS_MAX,
  );

  test(
    "axe finds nothing serious on any of these pages in either theme, and on a phone each fits",
    async () => {
      const { page } = anna;
      for (const path of paths) {
        await page.setViewportSize({ width: 1280, height: 900 });
        await go(path);
        const picture = (name: string) =>
          page.screenshot({ path: join(pictures, `console${path.replace("/", "-")}-${name}.png`), fullPage: true });
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await seriousFindings(page), `${path}, ${colorScheme}`).toEqual([]);
          await picture(colorScheme);
        }
        await page.setViewportSize({ width: 390, height: 900 });
        const isWhole = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
        expect(isWhole, path).toBe(true);
        await picture("narrow");
      }
    },
    FLOW_MS_MAX,
  );

  test("the browser reported no violation of the content security policy and no uncaught error", () => {
    expect(anna.violations).toEqual([]);
    expect(anna.errors).toEqual([]);
  });
});
