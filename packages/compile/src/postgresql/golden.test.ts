import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { contentPolicy } from "../../testdata/content/policy.ts";
import { compilePostgres } from "./compile.ts";

const GOLDEN = new URL("../../testdata/content/policy.sql", import.meta.url);

test("the policy of the content application compiles to exactly this SQL", async () => {
  const { text } = compilePostgres(contentPolicy);
  if (process.env.UPDATE_GOLDEN === "1") await writeFile(GOLDEN, text);
  expect(text).toBe(await readFile(GOLDEN, "utf8"));
});

test("the same policy compiles to the same bytes and the same hash", () => {
  const [one, two] = [compilePostgres(contentPolicy), compilePostgres(structuredClone(contentPolicy))];
  expect(one).toEqual(two);
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
});
