import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { browserFeatures } from "@holdfast/policy";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, openPage } from "./page-watch.ts";

let browser: Browser;

/** What the browser's console says about a page with this Permissions-Policy. */
async function complaintsAbout(features: readonly string[]): Promise<readonly string[]> {
  const field = features.map((feature) => `${feature}=()`).join(", ");
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html", "permissions-policy": field });
    response.end("<!doctype html><title>page</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { page, context } = await openPage(browser);
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { waitUntil: "load" });
  // The console is told asynchronously; what is said before this line comes before it.
  const told = page.waitForEvent("console", (message) => message.text() === "that was all");
  await page.evaluate(() => console.log("that was all"));
  await told;
  await context.close();
  server.close();
  return complaints.filter((text) => text.includes("Permissions-Policy"));
}

describe("the features that a policy denies", () => {
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  test("are all known to the browser", async () => {
    expect(await complaintsAbout(browserFeatures)).toEqual([]);
  });

  test("would be complained about if one of them were unknown", async () => {
    expect(await complaintsAbout([...browserFeatures, "telepathy"])).toHaveLength(1);
  });
});
