// The administrator's way into the console, as a person goes it.
import { totpCode, type WatchedPage } from "./page-watch.ts";
import type { StartedPlatform } from "./started.ts";

/** Signs in for the first time and sets up the second factor the console insists on; ends on the summary. */
export async function signInWithFactor({ page }: WatchedPage, platform: StartedPlatform): Promise<void> {
  await page.goto(`${platform.origin}/console`);
  await page.getByLabel("E-mail address").fill(platform.administrator.email);
  await page.getByLabel("Password").fill(platform.administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const secret = (await page.locator("code.secret").textContent()) ?? "";
  await page.getByRole("textbox", { name: "Code" }).fill(totpCode(secret));
  await page.getByRole("button", { name: "Finish set-up" }).click();
  await page.getByRole("heading", { level: 1, name: /controls held/ }).waitFor();
}
