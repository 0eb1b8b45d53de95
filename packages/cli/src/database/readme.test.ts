import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { databasePolicyErrorCodes } from "./database-error.ts";
import { differenceCodes } from "./difference.ts";

const documented = async (prefix: string): Promise<(string | undefined)[]> => {
  const readme = await readFile(new URL("README.md", import.meta.url), "utf8");
  return [...readme.matchAll(/^\| `([a-z]+\/[a-z-]+)`/gm)]
    .map(([, code]) => code)
    .filter((code) => code?.startsWith(prefix));
};

test("the README has a row for every difference, and no row for one that does not exist", async () => {
  expect((await documented("drift/")).sort()).toEqual(Object.keys(differenceCodes).sort());
});

test("the README has a row for every error of apply, and no row for one that does not exist", async () => {
  expect((await documented("apply/")).sort()).toEqual(Object.keys(databasePolicyErrorCodes).sort());
});

test("every difference and every error is made to happen in a test of this folder", async () => {
  const tests = await Promise.all(
    ["apply-database.test.ts", "find-drift.test.ts", "masked-view.test.ts", "audit.test.ts"].map((file) =>
      readFile(new URL(file, import.meta.url), "utf8"),
    ),
  );
  for (const code of [...Object.keys(differenceCodes), ...Object.keys(databasePolicyErrorCodes)])
    expect(tests.join()).toContain(`"${code}"`);
});
