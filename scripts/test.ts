// `npm test`: everything. Types, lint and format first, then every test, real PostgreSQL and a real browser included.
// The closing line is "N passed, N failed, N skipped"; a failed check counts as one failed test.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { provideBrowser } from "./browser.ts";
import { checkAll } from "./check.ts";
import { run } from "./run.ts";

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
}

await provideBrowser();
const isSound = await checkAll();

const folder = mkdtempSync(join(tmpdir(), "holdfast-test-"));
const reportFile = join(folder, "report.json");
const filters = process.argv.slice(2);
const { exitCode } = await run(
  "vitest",
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...filters],
  { show: true },
);
const report = JSON.parse(readFileSync(reportFile, "utf8")) as Report;
rmSync(folder, { recursive: true, force: true });

const wholeRunFailed = exitCode !== 0 && report.numFailedTests === 0;
const failed = report.numFailedTests + (isSound ? 0 : 1) + (wholeRunFailed ? 1 : 0);
if (!isSound) console.log("npm run check found something; see above.");
if (wholeRunFailed) console.log("The test run itself failed outside of any test; see above.");
console.log(
  `${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped`,
);
process.exitCode = failed === 0 && report.numPassedTests > 0 ? 0 : 1;
