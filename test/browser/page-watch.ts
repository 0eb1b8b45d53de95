// A real Chromium, and what it complains about while a test drives it.
import axe from "axe-core";
import * as OTPAuth from "otpauth";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findBrowser } from "../../scripts/browser.ts";

const LAUNCH_ARGUMENTS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const WAIT_MS = 15_000;

/** Chromium refuses its sandbox to root, which is who runs in containers. */
const sandbox = process.getuid?.() === 0 ? ["--no-sandbox"] : [];

export function openBrowser(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium was found; npm test installs it");
  return chromium.launch({ executablePath, args: [...LAUNCH_ARGUMENTS, ...sandbox] });
}

export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Violations of the content security policy and of Trusted Types, as the browser reported them. */
  readonly violations: readonly string[];
  /** Uncaught errors of the page's scripts. */
  readonly errors: readonly string[];
}

export interface PageOptions {
  readonly colorScheme?: "light" | "dark";
  readonly width?: number;
}

/** A page of its own, without cookies. The deployment's authority is not in this browser's store; `trust.test.ts` tries that. */
export async function openPage(
  browser: Browser,
  { colorScheme = "light", width = 1280 }: PageOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const violations: string[] = [];
  const errors: string[] = [];
  await page.exposeFunction("holdfastViolation", (text: string) => violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const report = (window as unknown as { holdfastViolation(text: string): void }).holdfastViolation;
      report(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
    });
  });
  page.on("pageerror", (error) => errors.push(error.message));
  return { page, context, violations, errors };
}

/** What axe finds serious or critical on the page as it stands. */
export async function seriousFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const results = await page.evaluate(() =>
    (window as unknown as { axe: typeof axe }).axe.run({ resultTypes: ["violations"] }),
  );
  return results.violations
    .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
    .flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")} – ${node.failureSummary ?? ""}`),
    );
}

/** The code an authenticator application shows for a secret at a moment. */
export function totpCode(secret: string, atMs: number = Date.now()): string {
  return new OTPAuth.TOTP({ secret: OTPAuth.Secret.fromBase32(secret.replaceAll(" ", "")) }).generate({
    timestamp: atMs,
  });
}
