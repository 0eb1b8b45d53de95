import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  providerClientId,
  providerClientSecret,
  RealProvider,
} from "../../packages/identity/src/testing/real-provider.ts";
import { root } from "../source-tree.ts";
import { enterPassword, heading, press } from "./page-steps.ts";
import { openBrowser, openPage, seriousFindings } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const SECRET = "HOLDFAST_PROVIDER_CUSTOM_WORK_SECRET";
const pictures = join(root, "test-results");
const password = "orbit velvet cactus lantern";
const ada = "ada@example.test";

const provider = new RealProvider();
let platform: StartedPlatform;
let browser: Browser;

const open = (page: Page, path: string) => page.goto(`${platform.origin}${path}`);

describe("signing in at a real OpenID provider, in a real browser", () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    process.env[SECRET] = providerClientSecret;
    browser = await openBrowser();
    platform = await startedPlatform(async (policy) => {
      await provider.start(`${policy.application.origin}/auth/v1/callback`);
      const work = {
        kind: "oidc",
        clientId: providerClientId,
        issuer: provider.issuer,
        scopes: ["openid", "email"],
        trustEmail: false,
        signedSecret: null,
      } as const;
      return { ...policy, identity: { ...policy.identity, providers: { "custom:work": work } } };
    });
    await platform.createAccount({ email: ada, password, roles: ["reader"] });
  }, START_MS_MAX);

  afterAll(async () => {
    delete process.env[SECRET];
    await browser?.close();
    await platform?.stop();
    await provider.stop();
  });

  test(
    "a provider is linked to an account, signs in to it, and is unlinked again",
    async () => {
      const { page, context, violations, errors } = await openPage(browser);
      provider.person = { sub: "ada-at-work", email: "ada@work.test", email_verified: true };
      await open(page, "/sign-in");
      await enterPassword(page, ada, password);
      await heading(page, "Library").waitFor();
      await open(page, "/account/security");
      await press(page, "Link work");
      await page.getByRole("button", { name: "Unlink work" }).waitFor();
      expect(new URL(page.url()).pathname).toBe("/account/security");
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(pictures, "linked.png"), fullPage: true });

      await press(page, "Sign out");
      await heading(page, "Sign in").waitFor();
      await press(page, "Go on with work");
      await heading(page, "Library").waitFor();
      expect(page.url()).not.toContain("code=");
      expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toMatch(
        /eyJ|verifier/,
      );
      await open(page, "/account");
      await page.getByText(ada).first().waitFor();
      await open(page, "/account/security");
      await press(page, "Unlink work");
      await press(page, "Unlink it");
      await page.getByRole("button", { name: "Link work" }).waitFor();
      expect([violations, errors]).toEqual([[], []]);
      await context.close();
    },
    FLOW_MS_MAX,
  );

  test(
    "a sign-in that the provider refuses, or that another browser began, signs nobody in and says so",
    async () => {
      const { page, context } = await openPage(browser);
      provider.refuses = true;
      await open(page, "/sign-in");
      await press(page, "Go on with work");
      await heading(page, "This did not work").waitFor();
      await page.getByRole("main").getByRole("link", { name: "To sign-in" }).click();
      await heading(page, "Sign in").waitFor();
      const other = await openPage(browser);
      await open(other.page, "/arrived?code=00000000-0000-4000-8000-000000000000");
      await other.page.getByText("This sign-in was not begun in this browser.").waitFor();
      expect(await seriousFindings(other.page)).toEqual([]);
      await Promise.all([context.close(), other.context.close()]);
    },
    FLOW_MS_MAX,
  );
});
