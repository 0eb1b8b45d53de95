// Another application asks to know somebody: the consent page of the example, from a link of another site to the way back.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../source-tree.ts";
import { openBrowser, openPage, seriousFindings, type WatchedPage } from "./page-watch.ts";
import { type StartedPlatform, startedPlatform } from "./started.ts";

const START_MS_MAX = 120_000;
const FLOW_MS_MAX = 90_000;
const password = "a long enough password of theirs";
const email = "ada@example.test";
const redirectUri = "http://127.0.0.1:9/back";

let platform: StartedPlatform;
let browser: Browser;
let watched: WatchedPage;

describe("the consent page", () => {
  beforeAll(async () => {
    mkdirSync(join(root, "test-results"), { recursive: true });
    [platform, browser] = await Promise.all([startedPlatform(), openBrowser()]);
    await platform.createAccount({ email, password, roles: ["reader"] });
    watched = await openPage(browser);
  }, START_MS_MAX);

  afterAll(async () => {
    await browser?.close();
    await platform?.stop();
  });

  test(
    "asks for a sign-in, says who asks for what, and sends the code to the registered address",
    async () => {
      const { page } = watched;
      const made = await page.request.post(`${platform.origin}/auth/v1/admin/oauth/clients`, {
        headers: { authorization: `Bearer ${platform.opened.target.serviceKey}` },
        data: { client_name: "Reader's desk", redirect_uris: [redirectUri], token_endpoint_auth_method: "none" },
      });
      const { client_id } = (await made.json()) as { client_id: string };
      const query = new URLSearchParams({
        client_id,
        redirect_uri: redirectUri,
        response_type: "code",
        scope: "openid email",
        state: "s1",
        code_challenge: createHash("sha256").update("v".repeat(43)).digest("base64url"),
        code_challenge_method: "S256",
      });
      await page.goto(`${platform.origin}/auth/v1/oauth/authorize?${query}`);
      await page.getByRole("heading", { level: 1, name: "Sign in first" }).waitFor();
      await page.locator("main").getByRole("link", { name: "Sign in" }).click();
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await page.getByRole("heading", { level: 1, name: "Let Reader's desk know you?" }).waitFor();
      await page.getByText("see your e-mail address").waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.screenshot({ path: join(root, "test-results/content-consent.png"), fullPage: true });
      const left = page.waitForRequest((request) => request.url().startsWith(redirectUri));
      await page.getByRole("button", { name: "Allow" }).click();
      const back = new URL((await left).url());
      expect(back.searchParams.get("code")).toMatch(/^[\w-]{43}$/);
      expect(back.searchParams.get("state")).toBe("s1");
    },
    FLOW_MS_MAX,
  );
});
