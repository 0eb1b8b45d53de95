// Finds Chromium for the browser tests, and installs Debian's package where there is none.
import { existsSync } from "node:fs";
import { run } from "./run.ts";

const candidates = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export function findBrowser(): string | undefined {
  const named = process.env["HOLDFAST_BROWSER"];
  return named ?? candidates.find((path) => existsSync(path));
}

/** The browser tests need Chromium, and NSS's certutil to try `holdfast trust`. */
export async function provideBrowser(): Promise<void> {
  const missing = [
    findBrowser() === undefined ? ["chromium"] : [],
    existsSync("/usr/bin/certutil") ? [] : ["libnss3-tools"],
  ].flat();
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) {
    throw new Error(
      `the browser tests need ${missing.join(" and ")}; install with: sudo apt-get install ${missing.join(" ")}, or name a Chromium in HOLDFAST_BROWSER`,
    );
  }
  console.log(`Installing ${missing.join(", ")} (Debian packages, once) …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  const { exitCode, output } = await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], {
    env,
  });
  if (exitCode !== 0) throw new Error(`apt-get could not install ${missing.join(", ")}:\n${output}`);
}
