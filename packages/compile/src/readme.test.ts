import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { compileErrorCodes, lintCodes, noticeCodes } from "./index.ts";

test("the README has a row for every code, and no row for a code that does not exist", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const documented = [...readme.matchAll(/^\| `((?:compile|lint)\/[a-z-]+)`/gm)].map(([, code]) => code);
  expect(documented.sort()).toEqual(
    [...Object.keys(compileErrorCodes), ...Object.keys(noticeCodes), ...Object.keys(lintCodes)].sort(),
  );
});

test("the README says of every lint whether it stops the apply", async () => {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  for (const [code, severity] of Object.entries(lintCodes))
    expect(readme).toMatch(new RegExp(`\`${code}\` +\\| ${severity} `));
});
