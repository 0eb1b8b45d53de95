// No method of the client goes untested: what auth-js offers against what the contract tests name.
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { offeredMethods } from "../testing/contract.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const tested = globSync("**/*.test.ts", { cwd: folder })
  .map((file) => readFileSync(`${folder}/${file}`, "utf8"))
  .flatMap((text) => [...text.matchAll(/\bcontract\(\s*"([A-Za-z0-9.]+)"/g)].map(([, name]) => name));

test("every method of the client has a contract test", () => {
  const offered = offeredMethods();
  expect(offered.length).toBeGreaterThan(70);
  expect(new Set(tested)).toEqual(new Set(offered));
});
